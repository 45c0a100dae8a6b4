import type { Config } from './config.ts';
import { createCredential } from './graph/credential.ts';
import { createGovernor, type Governor } from './graph/governor.ts';
import { createGraph } from './graph/graph.ts';
import { createShares } from './graph/shares.ts';
import type { Graph } from './graph/types.ts';
import type { Mirror } from './mirror/open-mirror.ts';
import type { TenantConnection } from './mirror/types.ts';
import type { Clock } from './ops/clock.ts';
import { TenantError } from './ops/errors.ts';
import type { Log } from './ops/log.ts';
import type { Timings } from './ops/timings.ts';
import type { Tracer } from './ops/trace.ts';

interface GraphsDeps {
  config: Config;
  baseUrl: string;
  mirror: Mirror;
  instanceId: string;
  log: Log;
  clock: Clock;
  tracer: Tracer;
  timings: Timings;
  env?: NodeJS.ProcessEnv;
}

/** Graph for each tenant, made when it is first asked for; one governor spends a tenant's quota. */
export function createGraphs(deps: GraphsDeps) {
  const { config, baseUrl, mirror, instanceId, log, clock, tracer, timings } = deps;
  const made = new Map<string, { graph: Graph; governor: Governor; credential: Credential }>();
  const connections = new Map<string, TenantConnection>();
  const unitsPer10s = (tenantId: string) =>
    connections.get(tenantId)?.unitsPer10s ?? config.graphUnitsPer10s;
  const exchange = (own: Parameters<Mirror['exchangeDemands']>[1]) =>
    mirror.exchangeDemands(instanceId, own);
  const shares = createShares({
    ...{ exchange, log, clock },
    idleEveryMs: timings.quotaCheckMs,
  });

  /** Read with each token, so that a connection that was mended is used without a restart. */
  const connectionOf = async (tenantId: string): Promise<TenantConnection> => {
    const connection = (await mirror.tenants.find(tenantId))?.connection ?? {};
    connections.set(tenantId, connection);
    return connection;
  };
  const of = (tenantId: string) => {
    const known = made.get(tenantId);
    if (known) return known;
    const governor = createGovernor({
      ...{ tenantId, clock, log },
      unitsPer10s: () => unitsPer10s(tenantId),
      share: () => shares.of(tenantId),
    });
    shares.follow(tenantId, governor);
    const credential = storedCredential(deps, tenantId, () => connectionOf(tenantId));
    const { properties } = config;
    const own = { tenantId, credential, governor };
    const graph = createGraph({ ...own, baseUrl, properties, log, clock, tracer });
    const entry = { graph, governor, credential };
    made.set(tenantId, entry);
    return entry;
  };
  return {
    shares,
    graphOf: (tenantId: string) => of(tenantId).graph,
    credentialOf: (tenantId: string) => of(tenantId).credential,
    /** Of every tenant that was asked about so far. */
    governors: () => [...made.values()].map(({ governor }) => governor),
  };
}

type Credential = ReturnType<typeof createCredential>;

/** Proves the app by what the tenant's connection says at that moment. */
function storedCredential(
  { config, baseUrl, env = process.env }: GraphsDeps,
  tenantId: string,
  connectionOf: () => Promise<TenantConnection>,
): Credential {
  let made: { key: string; credential: Credential } | undefined;
  return {
    async getToken(scopes, options) {
      const app = appOf(config, await connectionOf(), env);
      const key = JSON.stringify(app);
      if (made?.key !== key) {
        made = { key, credential: createCredential({ tenantId, baseUrl, ...app }) };
      }
      return made.credential.getToken(scopes, options);
    },
  };
}

/** @throws TenantError where the environment does not hold the secret that the connection names */
function appOf(
  { tenant }: Config,
  { clientId, secretEnv }: TenantConnection,
  env: NodeJS.ProcessEnv,
) {
  const { clientId: ownId, clientSecret: ownSecret } = tenant === 'local' ? {} : tenant;
  if (secretEnv === undefined) {
    // The secret of one app is of no use to another.
    return clientId === undefined || clientId === ownId
      ? { clientId: ownId, clientSecret: ownSecret }
      : { clientId };
  }
  const clientSecret = env[secretEnv];
  if (clientSecret) return { clientId: clientId ?? ownId, clientSecret };
  throw new TenantError(
    `the environment has no ${secretEnv}`,
    `Set ${secretEnv}, which holds the client secret of this tenant, for every process.`,
  );
}
