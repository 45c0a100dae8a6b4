import { readFileSync } from 'node:fs';
import { createWritingCredential } from '../graph/credential.ts';
import { createGovernor } from '../graph/governor.ts';
import { createPeople } from '../graph/people.ts';
import type { Connections } from '../connect.ts';
import { askAgain } from '../hr/ask-again.ts';
import type { Connection } from '../hr/connections.ts';
import { readMapping, standardMapping, type Mapping } from '../hr/mapping.ts';
import { createProvisioner } from '../hr/provision.ts';
import { openHrStore } from '../hr/store.ts';
import type { Directory } from '../hr/types.ts';
import { ConfigError } from '../ops/errors.ts';
import type { Closers } from '../ops/shutdown.ts';
import { createConsumer } from '../queue/consume.ts';
import { createPublisher } from '../queue/publish.ts';

export type Hr = Awaited<ReturnType<typeof openHr>>;

/** Microsoft's limit for writes of one app in a tenant is 3,000 in 150 s. */
const writesPer10s = 200;

/** HR's store, its end of its queue and its way to Entra; nothing of it reads the mirror's source. */
export async function openHr(connections: Connections, closers: Closers) {
  const { config, bus, log, clock, db, mirror, timings, figures } = connections;
  const mapping = mappingOf(config.hr.mappingFile);
  const store = await openHrStore({ db, clock, key: config.hr.secretKey });
  const publisher = createPublisher({ client: bus, queueName: config.hr.queue, log, clock });
  closers.add('HR publisher', () => publisher.close());
  return {
    ...{ store, mapping, publish: publisher.publish, send: publisher.send, clock, timings },
    directoryOf: createDirectories(connections),
    countPeople: async (tenantId: string) => (await mirror.counts(tenantId)).users.active,
    mirrored: async (tenantId: string, id: string) => {
      const [held] = await mirror.currentOf(tenantId, [{ type: 'user', id }]);
      return held;
    },
    count: (name: string) => figures.count(name),
  };
}

/** Takes hints from HR's queue and brings the people they name to Entra. */
export function startProvisioner(
  hr: Hr,
  connections: Connections,
  closers: Closers,
  { deadlineMs = connections.config.shutdownTimeoutMs } = {},
) {
  const { bus, config, clock } = connections;
  const consumer = createConsumer({
    client: bus,
    queueName: config.hr.queue,
    handle: createProvisioner(hr),
    send: hr.send,
    clock,
    log: connections.log.child({ role: 'provisioner' }),
  });
  consumer.start();
  keepAsking(hr, connections, closers);
  closers.add('provisioner', () => consumer.close({ deadlineMs }));
  return consumer;
}

function keepAsking(hr: Hr, { clock, log, timings }: Connections, closers: Closers): void {
  const closing = new AbortController();
  const { signal } = closing;
  const run = (async () => {
    while (!signal.aborted) {
      await askAgain(hr).catch((error: unknown) => {
        log.warn({ err: error }, 'overdue records not looked at, tried again');
      });
      await clock.sleep(timings.replayEveryMs, signal);
    }
  })();
  closers.add('overdue records', async () => {
    closing.abort();
    await run;
  });
}

/** The standard table, or the file's. Throws `ConfigError` where that cannot be read. */
function mappingOf(file: string | undefined): Mapping {
  if (file === undefined) return standardMapping;
  try {
    return readMapping(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`HR_MAPPING_FILE ${file} cannot be read as JSON: correct it.`]);
  }
}

/**
 * Entra by the app of a connection: made once for each, since it holds a token and a budget. The budgets
 * are the app's own and shared by all processes.
 */
function createDirectories({ baseUrl, config, log, clock, shares }: Connections) {
  const made = new Map<string, { epoch: string; directory: Directory }>();
  const managedIdentityClientId = config.tenant === 'local' ? undefined : config.tenant.clientId;
  const governorOf = (
    tenantId: string,
    name: string,
    quota: { unitsPer10s?: () => number } = {},
  ) => {
    const budget = `${tenantId} ${name}`;
    const share = () => shares.of(budget);
    const governor = createGovernor({ tenantId, log, clock, share, ...quota });
    shares.follow(budget, governor);
    return governor;
  };
  return ({ tenantId, epoch, clientId, clientSecret }: Connection): Directory => {
    const known = made.get(tenantId);
    if (known?.epoch === epoch) return known.directory;
    const credential = createWritingCredential({
      ...{ tenantId, baseUrl, clientId, clientSecret, managedIdentityClientId },
    });
    const directory = createPeople({
      ...{ tenantId, baseUrl, credential, log, clock },
      reads: governorOf(tenantId, 'HR reads'),
      writes: governorOf(tenantId, 'HR writes', { unitsPer10s: () => writesPer10s }),
    });
    // The former connection's token and secret go with it.
    made.set(tenantId, { epoch, directory });
    return directory;
  };
}
