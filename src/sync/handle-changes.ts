import type { Change, HandleChanges, Outcome } from '../change.ts';
import { isOutage, retryOnce } from '../mirror/retry.ts';
import { TenantError, ThrottledError } from '../ops/errors.ts';
import type { SyncDeps } from './deps.ts';
import { readAndWrite, type Handled, type ObjectChange } from './read-and-write.ts';

type HandlerDeps = Omit<SyncDeps, 'holder'> & {
  /** Counts a request to the tenant's groups reader and wakes it. */
  requestEdges: (tenantId: string) => Promise<void>;
  /** Acts on a lifecycle event of a subscription, or notes durably that it must be. */
  onLifecycle: (tenantId: string, change: Change) => Promise<void>;
};

/**
 * Reads the objects that changes hint at and writes the mirror. It never throws: trouble of a tenant
 * or a system parks the whole batch, trouble of one object is that object's outcome. One broken
 * connection to MongoDB costs a second try under a token of its own, not a parked batch.
 */
export function createHandler(deps: HandlerDeps): HandleChanges {
  const handle: HandleChanges = async (tenantId, changes, context) => {
    try {
      return await retryOnce(() => handleTogether(deps, tenantId, changes, context));
    } catch (error) {
      const parked = await parkedBy(deps, tenantId, error);
      if (parked) return changes.map(() => parked);
      if (changes.length === 1) return [{ kind: 'retry', reason: messageOf(error) }];
      // One of them is at fault: the halves are tried apart until it stands alone.
      const half = Math.ceil(changes.length / 2);
      return [
        ...(await handle(tenantId, changes.slice(0, half), context)),
        ...(await handle(tenantId, changes.slice(half), context)),
      ];
    }
  };
  return handle;
}

async function handleTogether(
  deps: HandlerDeps,
  ...[tenantId, changes, { signal, traceparent }]: Parameters<HandleChanges>
): Promise<Outcome[]> {
  const tenant = await deps.mirror.tenants.find(tenantId);
  if (!tenant?.served) return changes.map(() => ({ kind: 'done' }));
  const handled = await handleAll(deps, tenantId, changes, signal);
  await followUp(deps, tenantId, [...handled.values()], traceparent);
  if (tenant.degraded) await deps.mirror.tenants.recover(tenantId);
  return changes.map((change) => handled.get(change)?.outcome ?? { kind: 'done' });
}

/** Hints are read beside the notifications, so that these need not wait for the sweep's share of the quota. */
async function handleAll(
  deps: HandlerDeps,
  tenantId: string,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<Map<Change, Handled>> {
  const objects = changes.filter(
    (change): change is ObjectChange => change.type !== 'subscription',
  );
  const hints = objects.filter(({ origin, onDemand }) => origin === 'hint' && !onDemand);
  const asked = objects.filter(({ origin, onDemand }) => origin === 'hint' && onDemand);
  const news = objects.filter(({ origin }) => origin !== 'hint');
  const events = changes.filter(({ type }) => type === 'subscription');
  const [looked, read, answered] = await Promise.all([
    notYetRead(deps, tenantId, hints).then((due) =>
      readAndWrite(deps, { tenantId, lane: 'sweep', signal }, due),
    ),
    inParts(news, (part) => readAndWrite(deps, { tenantId, lane: 'notification', signal }, part)),
    readAndWrite(deps, { tenantId, lane: 'onDemand', signal }, asked),
    ...events.map((event) => deps.onLifecycle(tenantId, event)),
  ]);
  return new Map([...looked, ...read, ...answered].map((one) => [one.change, one]));
}

/** Some are written while others are still read; each part draws a token of its own. */
async function inParts<Item, Result>(
  items: readonly Item[],
  work: (part: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  const count = Math.ceil(items.length / partSize);
  const parts = Array.from({ length: count }, (_, index) =>
    items.slice(index * partSize, (index + 1) * partSize),
  );
  return (await Promise.all(parts.map(work))).flat();
}

/** A multiple of what one `$batch` takes. */
const partSize = 200;

/** A hint whose object has been read since it was sent is done without a read. */
async function notYetRead(
  { mirror }: HandlerDeps,
  tenantId: string,
  hints: readonly ObjectChange[],
): Promise<ObjectChange[]> {
  if (hints.length === 0) return [];
  const held = await mirror.currentOf(tenantId, hints);
  return hints.filter(({ sentAtFence = Infinity }, index) => {
    const fence = held[index]?.mirror.fence ?? 0;
    return fence <= sentAtFence;
  });
}

async function followUp(
  deps: HandlerDeps,
  tenantId: string,
  handled: readonly Handled[],
  traceparent: string | undefined,
): Promise<void> {
  note(deps, tenantId, handled);
  const looks = handled.filter(deservesSecondLook).map(({ change }) => ({
    ...change,
    origin: 'secondLook' as const,
  }));
  if (looks.length > 0) {
    const delayMs = lookDelayMs(deps.clock.now(), deps.timings.secondLookMs);
    await deps.publish(tenantId, looks, { delayMs, traceparent });
  }
  const purged = handled.filter(
    ({ change, write }) =>
      change.type === 'group' && write?.state === 'purged' && write.result !== 'held',
  );
  if (purged.length > 0)
    await deps.mirror.markEdgesDue(
      tenantId,
      purged.map(({ change }) => change.id),
    );
  if (handled.some(concernsEdges)) await deps.requestEdges(tenantId);
}

/** From one to one and a half waits, so that the looks of a storm's many batches come due at one instant. */
function lookDelayMs(nowMs: number, secondLookMs: number): number {
  const step = secondLookMs / 2;
  return Math.ceil((nowMs + secondLookMs) / step) * step - nowMs;
}

/**
 * A read that showed nothing new may have met a late replica. So may the round that follows a
 * group's notification, and an announced deletion that the read did not confirm.
 */
function deservesSecondLook({ change, write }: Handled): boolean {
  if (change.origin !== 'notification' || !write || write.result === 'held') return false;
  const unconfirmed = change.changeType === 'deleted' && write.state !== 'purged';
  return write.result === 'same' || change.type === 'group' || unconfirmed;
}

/** Groups may have other members, who came alive has edges to be read, and so has who is gone. */
function concernsEdges({ change, write }: Handled): boolean {
  if (change.type === 'group' && (change.origin !== 'hint' || change.onDemand)) return true;
  if (write?.cameAlive) return true;
  return write?.result === 'applied' && write.state !== 'active';
}

function note(
  { figures, clock }: HandlerDeps,
  tenantId: string,
  handled: readonly Handled[],
): void {
  for (const { change, write, outcome } of handled) {
    figures.count(`outcome.${write?.result ?? outcome.kind}`);
    if (write?.result !== 'applied') continue;
    // What a sweep or a suspect brought to light carries no subscription: no notification announced it.
    if (change.subscriptionId === undefined) figures.count('unannounced');
    else figures.announced(tenantId, timesOf(change, clock.now()));
  }
}

function timesOf({ receivedAt, eventTime = '' }: Change, nowMs: number) {
  const receivedMs = Date.parse(receivedAt);
  const delayMs = receivedMs - Date.parse(eventTime);
  return { lagMs: nowMs - receivedMs, ...(delayMs >= 0 && { delayMs }) };
}

/** Undefined where neither the tenant nor MongoDB is to blame: then an object is. */
async function parkedBy(
  deps: HandlerDeps,
  tenantId: string,
  error: unknown,
): Promise<Outcome | undefined> {
  const { log, mirror } = deps;
  log.warn({ err: error, tenantId }, 'changes not handled');
  if (error instanceof ThrottledError) {
    return { kind: 'park', reason: 'throttled', delayMs: error.retryAfterMs };
  }
  if (error instanceof TenantError) {
    await mirror.tenants.degrade(tenantId, error.advice).catch((cause: unknown) => {
      log.warn({ err: cause, tenantId }, 'tenant not marked degraded');
    });
    return { kind: 'park', reason: 'tenant' };
  }
  if (isOutage(error)) return { kind: 'park', reason: messageOf(error) };
  // A token that is thrown away shows whether MongoDB takes writes.
  const takesWrites = await mirror.drawToken(tenantId).then(
    () => true,
    () => false,
  );
  return takesWrites ? undefined : { kind: 'park', reason: messageOf(error) };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
