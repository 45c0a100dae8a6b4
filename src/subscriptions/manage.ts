import { createSubscription } from './create.ts';
import type { RenewalDeps, Run } from './deps.ts';
import { desired } from './desired.ts';
import { renew } from './renew.ts';
import type { RemoteSubscription, SubscriptionRecord } from './types.ts';

/** A subscription as we know it and as Graph does. */
export interface Listed {
  resource: string;
  /** Graph's id; null while its create call has not returned. */
  subscriptionId: string | null;
  /** `orphan`: it delivers to us and we have no record of it. `foreign`: it delivers elsewhere. */
  state: SubscriptionRecord['state'] | 'orphan' | 'foreign';
  expiresAt: Date | null;
  /** Whether Graph has it now. */
  inGraph: boolean;
  notificationUrl: string;
  failures: number;
}

export type SubscriptionManager = ReturnType<typeof createManager>;

/** What an operator does to the subscriptions of a tenant; each change runs under their lease. */
export function createManager(deps: RenewalDeps) {
  const { store, graphOf } = deps;

  async function onEach(
    tenantId: string,
    signal: AbortSignal,
    act: (run: Run, record: SubscriptionRecord) => Promise<void>,
  ): Promise<number> {
    return exclusively(deps, tenantId, signal, async (held) => {
      const records = await store.of(tenantId);
      const active = records.filter(({ state }) => state === 'active');
      for (const record of active) await act({ tenantId, records, signal: held }, record);
      return active.length;
    });
  }
  const remove = async ({ tenantId, signal }: Run, record: SubscriptionRecord) => {
    const id = record.subscriptionId;
    if (id !== null) await graphOf(tenantId).deleteSubscription(id, signal);
    await store.end(record._id);
  };

  return {
    /** All that are pending or active, and all that Graph has of this app in the tenant. */
    list: (tenantId: string, signal: AbortSignal) => list(deps, tenantId, signal),

    /** Renews all now, whatever is left of their time; gives how many. */
    renew: (tenantId: string, signal: AbortSignal) =>
      onEach(tenantId, signal, (run, record) => renew(deps, run, record)),

    /** Replaces all, so that each has a new clientState; the gap between is swept. */
    rotate: (tenantId: string, signal: AbortSignal) =>
      onEach(tenantId, signal, async (run, record) => {
        await remove(run, record);
        await createSubscription(deps, run, record);
      }),

    /** Deletes all; a scheduler that serves the tenant creates them again. */
    delete: (tenantId: string, signal: AbortSignal) => onEach(tenantId, signal, remove),

    /** Deletes those that deliver to us and that we have no record of; gives how many. */
    prune: (tenantId: string, signal: AbortSignal) =>
      exclusively(deps, tenantId, signal, async (held) => {
        const listed = await list(deps, tenantId, held);
        const orphans = listed.filter(({ state }) => state === 'orphan');
        for (const { subscriptionId } of orphans)
          if (subscriptionId !== null)
            await graphOf(tenantId).deleteSubscription(subscriptionId, held);
        return orphans.length;
      }),
  };
}

async function list(
  { store, graphOf, publicUrl }: RenewalDeps,
  tenantId: string,
  signal: AbortSignal,
): Promise<Listed[]> {
  const records = (await store.of(tenantId)).filter(({ state }) => state !== 'ended');
  const remote = await graphOf(tenantId).listSubscriptions(signal);
  const known = new Set(records.map(({ subscriptionId }) => subscriptionId));
  const inGraph = new Set(remote.map(({ id }) => id));
  return [
    ...records.map((record) => ({
      ...record,
      inGraph: record.subscriptionId !== null && inGraph.has(record.subscriptionId),
    })),
    ...remote.filter(({ id }) => !known.has(id)).map((one) => stranger(one, publicUrl)),
  ].map(listed);
}

const listed = (one: Listed): Listed => ({
  resource: one.resource,
  subscriptionId: one.subscriptionId,
  state: one.state,
  expiresAt: one.expiresAt,
  inGraph: one.inGraph,
  notificationUrl: one.notificationUrl,
  failures: one.failures,
});

function stranger(remote: RemoteSubscription, publicUrl: string): Listed {
  const { id, resource, notificationUrl, expirationDateTime } = remote;
  const isOurs = desired(publicUrl).some((wanted) => wanted.notificationUrl === notificationUrl);
  return {
    ...{ resource, subscriptionId: id, notificationUrl, inGraph: true, failures: 0 },
    state: isOurs ? 'orphan' : 'foreign',
    expiresAt: new Date(expirationDateTime),
  };
}

/** @throws where another process holds the lease all the while that `underLease` waits */
async function exclusively(
  { underLease }: RenewalDeps,
  tenantId: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  let done: number | undefined;
  await underLease(`subscriptions/${tenantId}`, signal, async (held) => {
    done = await work(held);
  });
  if (done === undefined)
    throw new Error('A scheduler is at work on the subscriptions: try again in a moment.');
  return done;
}
