import { createHash, randomBytes } from 'node:crypto';
import { PermanentError } from '../ops/errors.ts';
import type { RenewalDeps, Run } from './deps.ts';
import { furthestExpiry } from './desired.ts';
import { onConflict, retryAfter } from './plan.ts';
import type { RemoteSubscription, SubscriptionsApi, Wanted } from './types.ts';

/**
 * Creates a subscription, or takes over the one that Graph says exists. What happened before it was
 * there is swept.
 */
export async function createSubscription(
  deps: RenewalDeps,
  run: Run,
  wanted: Wanted,
): Promise<void> {
  const created = await attempt(deps, run, wanted);
  const remote = 'id' in created ? created : await resolve(deps, run, wanted, created.conflict);
  await deps.requestSweep(run.tenantId);
  const { id, resource } = remote;
  deps.log.info({ tenantId: run.tenantId, subscriptionId: id, resource }, 'subscribed');
}

/** One create call with a record and a clientState of its own; a failed one keeps its back-off. */
async function attempt(
  { store, graphOf, clock }: RenewalDeps,
  { tenantId, records, signal }: Run,
  wanted: Wanted,
): Promise<RemoteSubscription | { conflict: string | undefined }> {
  const request = wantedOnly(wanted);
  const clientState = randomBytes(48).toString('base64url');
  const hash = createHash('sha256').update(clientState).digest('hex');
  const last = records.findLast(({ resource }) => resource === wanted.resource);
  const failures = (last?.failures ?? 0) + 1;
  const record = await store.begin(tenantId, request, hash);
  const giveUp = async () => {
    await store.failed(record._id, failures, retryAfter(failures, new Date(clock.now())));
    await store.end(record._id);
  };
  try {
    const expirationDateTime = furthestExpiry(new Date(clock.now()));
    const asked = { ...request, clientState, expirationDateTime };
    const answer = await graphOf(tenantId).createSubscription(asked, signal);
    await ('id' in answer ? store.activate(record._id, answer) : giveUp());
    return answer;
  } catch (error) {
    await giveUp();
    throw error;
  }
}

async function resolve(
  deps: RenewalDeps,
  run: Run,
  wanted: Wanted,
  conflict: string | undefined,
): Promise<RemoteSubscription> {
  const graph = deps.graphOf(run.tenantId);
  const remote = await obstacle(graph, wanted, conflict, run.signal);
  const way = onConflict(wanted, remote, run.records);
  switch (way.kind) {
    case 'foreign':
      throw new PermanentError('subscriptionTaken', foreignMessage(wanted, remote));
    case 'takeOver':
      await deps.store.activate(way.record._id, remote);
      return remote;
    case 'replace':
      await graph.deleteSubscription(remote.id, run.signal);
  }
  const second = await attempt(deps, run, wanted);
  if ('id' in second) return second;
  throw new Error(`another subscription for ${wanted.resource} came between; it is tried again`);
}

/** Lists only where Graph does not say which one is in the way: listing is scarce. */
async function obstacle(
  graph: SubscriptionsApi,
  wanted: Wanted,
  id: string | undefined,
  signal: AbortSignal,
): Promise<RemoteSubscription> {
  const isWanted = ({ resource }: RemoteSubscription) =>
    resource.replace(/^\//, '').toLowerCase() === wanted.resource;
  const found =
    id === undefined
      ? (await graph.listSubscriptions(signal)).find(isWanted)
      : await graph.getSubscription(id, signal);
  if (!found) {
    throw new Error(`Graph says that ${wanted.resource} is subscribed and does not show by what`);
  }
  return found;
}

const foreignMessage = ({ resource }: Wanted, { id, notificationUrl }: RemoteSubscription) =>
  `Subscription ${id} for ${resource} delivers to ${notificationUrl}, which is not our PUBLIC_URL: ` +
  'delete it, or set PUBLIC_URL to that address.';

const wantedOnly = ({
  resource,
  changeType,
  notificationUrl,
  lifecycleNotificationUrl,
}: Wanted): Wanted => ({ resource, changeType, notificationUrl, lifecycleNotificationUrl });
