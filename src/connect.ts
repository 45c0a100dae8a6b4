import { randomUUID } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import type { Config } from './config.ts';
import { createGraphs } from './graphs.ts';
import type { LocalPart, LocalStack } from './local/stack.ts';
import { openMongo } from './mirror/connect.ts';
import { openMirror } from './mirror/open-mirror.ts';
import { systemClock, type Clock } from './ops/clock.ts';
import { createFigures } from './ops/figures.ts';
import type { Log } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { openAll, type Closers } from './ops/shutdown.ts';
import { defaultTimings, type Timings } from './ops/timings.ts';
import { openTracer } from './ops/trace.ts';
import { openServiceBus } from './queue/connect.ts';
import { createPublisher } from './queue/publish.ts';
import { openSubscriptionStore } from './subscriptions/store.ts';

/** What a process may be given besides its settings. */
interface Surroundings {
  log: Log;
  clock?: Clock;
  timings?: Partial<Timings>;
  /** The simulated tenant, where Graph is the local one. */
  company?: { users: number; groups: number; seed: number };
  /** Local servers forget all at the end. */
  inMemory?: boolean;
}
export type Connections = Awaited<ReturnType<typeof connect>>;

/** Opens everything that the roles share, once; closes it again where a part fails. */
export function connect(config: Config, surroundings: Surroundings) {
  const { log, clock = systemClock } = surroundings;
  const { least, share, releaseAfterMs = defaultTimings.holdReleaseMs } = config.holds;
  const timings = { ...defaultTimings, holdReleaseMs: releaseAfterMs, ...surroundings.timings };
  return openAll(log, async (closers) => {
    const instanceId = randomUUID();
    const tracer = await openTracer({ endpoint: config.otlpEndpoint, instanceId, log });
    closers.add('tracer', () => tracer.close());
    const local = await startLocalParts(config, surroundings, closers);
    const mongo = await openMongo({ uri: mongoUri(config, local), database: config.database });
    closers.add('MongoDB', () => mongo.close());
    const removalLimits = { least, share };
    const mirror = await openMirror({ db: mongo.db, log, clock, removalLimits, ...timings });
    const bus = openServiceBus(queueAccess(config, local));
    closers.add('Service Bus', () => bus.close());
    const publisher = createPublisher({ client: bus, queueName: config.queue, log, clock });
    closers.add('publisher', () => publisher.close());
    const tenant = tenantOf(config, local);
    const metrics = createMetrics();
    const figures = createFigures({ onLag: metrics.lag });
    const { baseUrl } = tenant;
    const surroundingsOfGraph = { instanceId, log, clock, tracer, timings };
    const graphs = createGraphs({ config, baseUrl, mirror, ...surroundingsOfGraph });
    await graphs.shares.start();
    closers.add('shares', () => graphs.shares.close());
    return {
      ...{ config, log, clock, timings, local, tenantId: tenant.id, baseUrl, instanceId },
      ...{ db: mongo.db, mirror, bus, publisher, figures, metrics, tracer, ...graphs },
      subscriptions: await openSubscriptionStore({ db: mongo.db, clock }),
    };
  });
}

/** The stand-ins are loaded only where the settings ask for one. */
async function startLocalParts(
  config: Config,
  { log, clock, company, inMemory = false }: Surroundings,
  closers: Closers,
): Promise<LocalStack | undefined> {
  const parts: LocalPart[] = (['graph', 'serviceBus', 'mongo'] as const).filter(
    (part) => config[part] === 'local',
  );
  if (parts.length === 0) return undefined;
  const { startLocalStack } = await import('./local/stack.ts');
  const stack = await startLocalStack(
    {
      parts,
      queues: [config.queue, config.hr.queue],
      ...company,
      ...(clock && { clock }),
      ...(!inMemory && { dataDir: config.dataDir }),
    },
    log,
  );
  closers.add('local stack', () => stack.close());
  return stack;
}

const missing = (part: string): never => {
  throw new Error(`the local ${part} was not started`);
};

const mongoUri = ({ mongo }: Config, local: LocalStack | undefined): string =>
  mongo === 'local' ? (local?.mongo?.uri ?? missing('MongoDB')) : mongo.uri;

function queueAccess({ serviceBus, tenant }: Config, local: LocalStack | undefined) {
  if (serviceBus === 'local') {
    return { connectionString: local?.serviceBus?.connectionString ?? missing('Service Bus') };
  }
  if ('connectionString' in serviceBus) return serviceBus;
  const clientId = tenant === 'local' ? undefined : tenant.clientId;
  const credential = new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
  return { ...serviceBus, credential };
}

function tenantOf({ graph, tenant }: Config, local: LocalStack | undefined) {
  if (graph === 'local') {
    const { tenantId: id, url: baseUrl } = local?.graph ?? missing('Graph');
    return { id, baseUrl };
  }
  if (tenant === 'local') throw new Error('GRAPH_BASE_URL needs AZURE_TENANT_ID');
  return { id: tenant.id, baseUrl: graph.baseUrl };
}
