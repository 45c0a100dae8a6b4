import type { Socket } from 'node:net';
import { createBroker } from './broker.ts';
import { SendFaults } from './faults.ts';
import { openFileJournal } from './file-journal.ts';
import { inspectQueue, type QueueInspector } from './inspector.ts';
import { memoryJournal, type Journal } from './journal.ts';
import { listen, type Listener } from './listener.ts';
import { queueSettings, readQueueFile, type QueueConfig } from './queue-config.ts';
import { QueueStore } from './queue-store.ts';
import { acceptSocket, checkRhea } from './rhea-adapter.ts';

interface LocalServiceBusOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  queues?: readonly QueueConfig[];
  /** The path of a config.json of Microsoft's Service Bus emulator; `queues` wins where both name one. */
  configFile?: string;
  /** Keeps the queues in this folder; without one they live as long as the process. */
  dataDir?: string;
  /** With `dataDir`: accept a message only once it is on the disk. Default: true. */
  durable?: boolean;
  clock?: { now(): number };
}

/** Troubles that a test may ask for. */
export interface FaultSwitches {
  /** `busy` makes senders retry, `full` fails them; undefined takes sends again. */
  refuseSends(how: 'busy' | 'full' | undefined): void;
  delaySends(ms: number): void;
  /** Stores the next `count` messages (default 1) twice. */
  duplicateNext(count?: number): void;
  dropConnections(): void;
  /** Drops every connection and accepts none until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends every lock now: locked messages are delivered again. */
  redeliver(): void;
}

export interface LocalServiceBus {
  connectionString: string;
  port: number;
  /** Throws where there is no such queue. */
  queue(name: string): QueueInspector;
  inject: FaultSwitches;
  /** Does at once what has become due; needed only after moving an injected clock. */
  tick(): void;
  close(): Promise<void>;
}

const tickEveryMs = 25;

/**
 * Starts a Service Bus on loopback for the unmodified client library: queues with locks, schedules and
 * dead letters. Sessions, topics, duplicate detection and deferral are refused with a text that says so.
 */
export async function startLocalServiceBus(
  options: LocalServiceBusOptions = {},
): Promise<LocalServiceBus> {
  checkRhea();
  const clock = options.clock ?? Date;
  const now = () => clock.now();
  const settings = configsOf(options).map(queueSettings);
  const journal = await openJournal(options);
  const queues = settings.map((each) => new QueueStore({ settings: each, now, journal }));
  const faults = new SendFaults();
  const broker = createBroker({ queues, journal, faults });
  const serve = (socket: Socket) => acceptSocket(broker, socket);
  const listener = await listen(options.port ?? 0, serve).catch(async (error: unknown) => {
    await journal.close();
    throw error;
  });
  const tick = () => queues.forEach((queue) => queue.tick());
  const timer = setInterval(tick, tickEveryMs).unref();

  return {
    port: listener.port,
    connectionString: connectionStringFor(listener.port),
    queue: (name) => inspectQueue(findQueue(queues, name)),
    inject: faultSwitches({ faults, listener, queues }),
    tick,
    close: async () => {
      clearInterval(timer);
      await listener.close();
      await journal.close();
    },
  };
}

function configsOf({ configFile, queues = [] }: LocalServiceBusOptions): QueueConfig[] {
  const all = [...(configFile === undefined ? [] : readQueueFile(configFile)), ...queues];
  return [...new Map(all.map((config) => [config.name, config])).values()];
}

async function openJournal({ dataDir, durable = true }: LocalServiceBusOptions): Promise<Journal> {
  return dataDir === undefined ? memoryJournal : openFileJournal({ folder: dataDir, durable });
}

function faultSwitches({ faults, listener, queues }: FaultTargets): FaultSwitches {
  return {
    refuseSends: (how) => {
      faults.refusal = how;
    },
    delaySends: (ms) => {
      faults.delayMs = ms;
    },
    duplicateNext: (count = 1) => faults.duplicateNext(count),
    dropConnections: () => listener.dropConnections(),
    pause: () => listener.pause(),
    resume: () => listener.resume(),
    redeliver: () => queues.forEach((queue) => queue.expireLocks()),
  };
}

interface FaultTargets {
  faults: SendFaults;
  listener: Listener;
  queues: readonly QueueStore[];
}

/** The name and the key are the literal ones of Microsoft's emulator. */
function connectionStringFor(port: number): string {
  return (
    `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true'
  );
}

function findQueue(queues: readonly QueueStore[], name: string): QueueStore {
  const found = queues.find(({ settings }) => settings.name === name);
  if (found) return found;
  const known = queues.map(({ settings }) => settings.name).join(', ');
  throw new Error(`There is no queue ${name}; there are: ${known}.`);
}
