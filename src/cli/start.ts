import { readConfig, type Config } from '../config.ts';
import { connect, type Connections } from '../connect.ts';
import { awaitMongo } from '../mirror/await-mongo.ts';
import { systemClock } from '../ops/clock.ts';
import { ConfigError } from '../ops/errors.ts';
import { createLog, type Log } from '../ops/log.ts';
import { openAll, stopSignal } from '../ops/shutdown.ts';
import { surviveDeadLinks } from '../queue/dead-link.ts';
import { listen } from '../roles/http.ts';
import { startRoles, type RoleName, type Running } from '../roles/start.ts';
import { createWaitingRoom } from '../roles/waiting-room.ts';
import { keepChanging } from './keep-changing.ts';
import { createDisplay } from './display.ts';
import { noteRunning } from './running.ts';

interface StartOptions {
  env: NodeJS.ProcessEnv;
  roles: readonly RoleName[];
  users: number;
  groups: number;
  seed: number;
  /** Changes a second in the simulated tenant. */
  rate: number;
}

/** Runs roles until SIGTERM or SIGINT, then drains. With no settings it runs the local stack as well. */
export async function start({ env, roles, rate, ...company }: StartOptions): Promise<void> {
  const config = readConfig(withHoldsThatFit(env));
  const subscribes = roles.includes('worker') || roles.includes('scheduler');
  if (subscribes && !roles.includes('receiver') && config.http.publicUrl === undefined) {
    throw new ConfigError([
      'PUBLIC_URL is missing: a process without the receiver cannot tell where Graph reaches it.',
    ]);
  }
  const showsLine = process.stdout.isTTY && config.graph === 'local';
  // A log line in the middle of the live line would make both unreadable.
  const log = createLog({ level: showsLine ? quieter(config.logLevel) : config.logLevel });
  surviveDeadLinks(log);
  const stop = stopSignal();
  const stopping = new AbortController();
  void stop.then(() => stopping.abort());
  const running = await openAll(log, async (closers) => {
    const waiting = createWaitingRoom({ isReceiver: roles.includes('receiver') });
    const door = await listen([waiting], config.http.port, log);
    closers.add('door', () => door.close());
    await mongoAnswers(config, { log, clock: systemClock, signal: stopping.signal });
    if (stopping.signal.aborted) return { say: () => undefined };
    const connections = await connect(config, { log, company });
    closers.add('connections', () => connections.close());
    const display = createDisplay({ isTerminal: showsLine, log });
    const started = await startRoles(roles, connections, { onProgress: display.onProgress, door });
    closers.add('roles', () => started.close());
    if (connections.local) {
      const forget = await noteRunning(config.dataDir, started.url, connections.local);
      closers.add('running file', forget);
    }
    closers.add('display', () => display.close());
    simulate(connections, started, { rate, display }, closers.add);
    return { say: display.say };
  });
  const signal = await stop;
  running.say(`${signal}: finishing what is under way`);
  await closeInTime(running, config.shutdownTimeoutMs, log);
}

/** A simulated company lives a year in an hour: what leaves it in one is no mass removal. */
function withHoldsThatFit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSimulated = env['AZURE_TENANT_ID'] === undefined;
  return isSimulated ? { HOLD_ABOVE_PERCENT: '100', ...env } : env;
}

/** One of our own is there as soon as it is started. */
const mongoAnswers = async ({ mongo, database }: Config, how: Parameters<typeof awaitMongo>[1]) =>
  mongo === 'local' ? undefined : awaitMongo({ uri: mongo.uri, database }, how);

type Add = (name: string, close: () => unknown) => void;

const quieter = (level: string) => (level === 'info' ? 'warn' : level);

/** In a simulated tenant somebody has to change people. */
function simulate(
  connections: Connections,
  running: Running,
  { rate, display }: { rate: number; display: ReturnType<typeof createDisplay> },
  add: Add,
): void {
  const { local, clock } = connections;
  if (!local?.graph) return;
  const changing = keepChanging({ clock, change: local.changeAtRandom, rate, running });
  add('changes', () => changing.close());
  display.follow({ running, connections, changes: changing });
}

/** A stop that takes longer than allowed ends the process with code 1. */
async function closeInTime(
  running: { close(): Promise<void> },
  ms: number,
  log: Log,
): Promise<void> {
  const deadline = setTimeout(() => {
    log.error({ shutdownTimeoutMs: ms }, 'not stopped in time');
    process.exit(1);
  }, ms + 5_000);
  await running.close();
  clearTimeout(deadline);
}
