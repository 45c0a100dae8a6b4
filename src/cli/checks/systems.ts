import type { Connections } from '../../connect.ts';
import { neededRoles, rolesOf } from '../../graph/roles.ts';
import { proveAccess } from '../../queue/access.ts';
import { missingIndexes } from '../../mirror/indexes.ts';
import { duration } from '../status-line.ts';
import { finding, type Finding } from './finding.ts';

const skewMs = 30_000;
/** Graph's quota of subscriptions to users, and to groups, per app and tenant. */
const quota = 100;
const quietMs = 24 * 3_600_000;

/** Graph, the queue and MongoDB as this process reaches them. */
export function checkSystems(connections: Connections): Promise<Finding[]> {
  const { bus, config, db, mirror } = connections;
  const { queue, database } = config;
  return Promise.all([
    finding(
      'token',
      'Set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give this host an identity.',
      () => checkPermissions(connections),
    ),
    finding('Graph', 'Open the way to Graph (GRAPH_BASE_URL), and give the app consent.', () =>
      checkReads(connections),
    ),
    finding('subscriptions', 'Start a scheduler: it creates and renews them.', () =>
      checkSubscriptions(connections),
    ),
    finding('receipts', 'Start a receiver.', () => checkReceipts(connections)),
    finding(
      'queue',
      `Give this identity the roles Data Receiver and Data Sender on the queue ${queue}, and open the way to it.`,
      async () => {
        await proveAccess(bus, queue);
        return `${queue} can be read and written`;
      },
    ),
    finding('MongoDB', 'Check MONGODB_URI, and that its user may create indexes.', async () => {
      const missing = await missingIndexes(db);
      if (missing.length > 0) throw new Error(`indexes are missing: ${missing.join(', ')}`);
      return `${database} answers, its indexes are there`;
    }),
    finding('clock', 'Have the clocks of this host and of MongoDB set by NTP.', async () => {
      const offMs = Math.abs((await mirror.now()).getTime() - Date.now());
      if (offMs > skewMs) throw new Error(`this host and MongoDB are ${duration(offMs)} apart`);
      return `${duration(offMs)} from that of MongoDB`;
    }),
  ]);
}

async function checkPermissions({ config, tenantId, baseUrl, credentialOf }: Connections) {
  const token = await credentialOf(tenantId).getToken(`${new URL(baseUrl).origin}/.default`);
  if (!token) throw new Error('the identity gave no token');
  const granted = rolesOf(token.token);
  if (!granted) return 'there is one; the simulated tenant knows no permissions';
  const needed = neededRoles(config.properties.user.extra);
  const missing = needed.filter((role) => !granted.includes(role));
  const superfluous = granted.filter((role) => !needed.includes(role));
  if (missing.length > 0) {
    const fix = 'Run infra/grant-graph-permissions.sh; a token knows of it an hour later.';
    return { level: 'failed' as const, says: `${missing.join(', ')} is not granted`, fix };
  }
  if (superfluous.length === 0) return `${needed.join(', ')} granted, and nothing else`;
  const says = `${superfluous.join(', ')} granted and not needed`;
  return { level: 'warning' as const, says, fix: 'Take it from the app.' };
}

async function checkReads({ graphOf, tenantId }: Connections) {
  const graph = graphOf(tenantId);
  const limit = AbortSignal.timeout(20_000);
  for (const type of ['user', 'group'] as const) await graph.latestLink(type, 'onDemand', limit);
  return 'users and groups can be read';
}

async function checkSubscriptions({ graphOf, subscriptions, tenantId }: Connections) {
  const active = (await subscriptions.of(tenantId)).filter(({ state }) => state === 'active');
  const remote = await graphOf(tenantId).listSubscriptions(AbortSignal.timeout(20_000));
  const lost = active.filter(
    ({ subscriptionId }) => !remote.some(({ id }) => id === subscriptionId),
  );
  if (active.length < 2) throw new Error(`${active.length} of 2 are active`);
  if (lost.length > 0) throw new Error(`${lost.length} vanished from Graph without a word`);
  const ends = Math.min(...active.map(({ expiresAt }) => expiresAt?.getTime() ?? 0));
  const says = `2 active for ${duration(Math.max(0, ends - Date.now()))}; ${remote.length} of ${quota} in use`;
  const fix =
    'Delete what is not needed ("subscriptions prune"): Graph refuses more than its quota.';
  return remote.length < 0.8 * quota ? says : { level: 'warning' as const, says, fix };
}

async function checkReceipts({ mirror }: Connections) {
  const receivers = (await mirror.heartbeats(60_000)).filter(({ roles }) =>
    roles.includes('receiver'),
  );
  if (receivers.length === 0) throw new Error('no receiver has been heard of within a minute');
  const times = receivers.flatMap(({ lastReceiptAt }) => lastReceiptAt?.getTime() ?? []);
  const fix =
    'Change a person in the directory: if nothing comes, see "handshake" and "subscriptions".';
  if (times.length === 0)
    return { level: 'warning' as const, says: 'no notification since the receiver started', fix };
  const ageMs = Math.max(0, Date.now() - Math.max(...times));
  const says = `the last notification came ${duration(ageMs)} ago`;
  return ageMs < quietMs ? says : { level: 'warning' as const, says, fix };
}
