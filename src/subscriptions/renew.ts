import type { Change } from '../change.ts';
import { TenantError } from '../ops/errors.ts';
import { createSubscription } from './create.ts';
import type { RenewalDeps, Run } from './deps.ts';
import { desired, furthestExpiry } from './desired.ts';
import { plan, retryAfter, type Action } from './plan.ts';
import type { SubscriptionRecord } from './types.ts';

export interface Renewals {
  /** Creates, renews, checks and deletes what the plan says. @throws TenantError where Graph refuses the tenant */
  run(tenantId: string, signal: AbortSignal): Promise<void>;
  /** Acts on a lifecycle event; what cannot be done at once is noted for the next run. */
  onLifecycle(tenantId: string, change: Pick<Change, 'id' | 'lifecycle'>): Promise<void>;
  /** Ends and forgets all subscriptions of a tenant; those that Graph does not let go expire by themselves. */
  unsubscribe(tenantId: string, signal: AbortSignal): Promise<void>;
}

const lifecycleRunMs = 30_000;

export function createRenewals(deps: RenewalDeps): Renewals {
  const run = async (tenantId: string, signal: AbortSignal): Promise<void> => {
    await deps.underLease(`subscriptions/${tenantId}`, signal, async (held) => {
      const records = await deps.store.of(tenantId);
      await carryOutPlan(deps, { tenantId, records, signal: held });
    });
  };
  return {
    run,
    async onLifecycle(tenantId, { id, lifecycle }) {
      if (lifecycle === 'missed') return deps.requestSweep(tenantId);
      if (lifecycle === 'subscriptionRemoved') await deps.store.endByRemoteId(tenantId, id);
      else await deps.store.requestRenewal(tenantId, id);
      await run(tenantId, AbortSignal.timeout(lifecycleRunMs)).catch((error: unknown) => {
        deps.log.warn({ err: error, tenantId, subscriptionId: id }, 'renewal put off');
      });
    },
    unsubscribe: (tenantId, signal) => unsubscribe(deps, tenantId, signal),
  };
}

async function unsubscribe(
  { store, graphOf, log }: RenewalDeps,
  tenantId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { state, subscriptionId } of await store.of(tenantId)) {
    if (state !== 'active' || subscriptionId === null) continue;
    try {
      await graphOf(tenantId).deleteSubscription(subscriptionId, signal);
    } catch (error) {
      log.warn({ err: error, tenantId, subscriptionId }, 'subscription left to expire');
    }
  }
  await store.forget(tenantId);
}

/** One subscription's failure is noted with its back-off and does not keep the others from their turn. */
async function carryOutPlan(deps: RenewalDeps, run: Run): Promise<void> {
  const { tenantId, records, signal } = run;
  let refused: TenantError | undefined;
  for (const action of plan(desired(deps.publicUrl), records, new Date(deps.clock.now()))) {
    if (signal.aborted) return;
    try {
      await carryOut(deps, run, action);
    } catch (error) {
      deps.log.warn({ err: error, tenantId, action: action.kind }, 'subscription action failed');
      if ('record' in action) await noteFailure(deps, action.record);
      if (error instanceof TenantError) refused = error;
    }
  }
  if (refused) throw refused;
}

async function carryOut(deps: RenewalDeps, run: Run, action: Action): Promise<void> {
  const { store } = deps;
  const graph = deps.graphOf(run.tenantId);
  switch (action.kind) {
    case 'create':
      if (action.instead) await store.end(action.instead._id);
      return createSubscription(deps, run, action.wanted);
    case 'giveUp':
      return store.end(action.record._id);
    case 'delete':
      await graph.deleteSubscription(remoteId(action.record), run.signal);
      return store.end(action.record._id);
    case 'replace':
      await graph.deleteSubscription(remoteId(action.record), run.signal);
      return recreate(deps, run, action.record, 'its notifications never match');
    case 'check':
      return (await graph.getSubscription(remoteId(action.record), run.signal))
        ? store.checked(action.record._id)
        : recreate(deps, run, action.record);
    case 'renew':
      return renew(deps, run, action.record);
  }
}

/** Renews one, or creates it anew where Graph has lost it. */
export async function renew(
  deps: RenewalDeps,
  run: Run,
  record: SubscriptionRecord,
): Promise<void> {
  const { store, graphOf, clock, log } = deps;
  const expiry = furthestExpiry(new Date(clock.now()));
  const graph = graphOf(run.tenantId);
  const remote = await graph.renewSubscription(remoteId(record), expiry, run.signal);
  if (!remote) return recreate(deps, run, record);
  await store.activate(record._id, remote);
  log.info({ tenantId: run.tenantId, subscriptionId: remote.id }, 'subscription renewed');
}

/** By default because Graph no longer has it, and announced nothing. */
async function recreate(
  deps: RenewalDeps,
  run: Run,
  record: SubscriptionRecord,
  cause = 'vanished without a word',
): Promise<void> {
  const { tenantId } = run;
  const { subscriptionId } = record;
  deps.log.warn({ tenantId, subscriptionId, cause }, 'subscription created anew');
  await deps.store.end(record._id);
  await createSubscription(deps, run, record);
}

async function noteFailure({ store, clock }: RenewalDeps, record: SubscriptionRecord) {
  const failures = record.failures + 1;
  await store.failed(record._id, failures, retryAfter(failures, new Date(clock.now())));
}

function remoteId({ subscriptionId, _id }: SubscriptionRecord): string {
  if (subscriptionId === null) throw new Error(`the active record ${_id} has no id of Graph's`);
  return subscriptionId;
}
