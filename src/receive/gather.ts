import type { Change, PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Tracer } from '../ops/trace.ts';
import { within } from './within.ts';

export interface GatherLimits {
  /** How long changes wait for others while a send of their tenant is under way. */
  gatherMs: number;
  /** Changes at which a set is sent without waiting longer. */
  maxChanges: number;
  /** How long a send may take; Graph counts an answer after 3 s as slow. */
  enqueueMs: number;
}

/** `true` once the queue has accepted every change; `false` where it has not in time. It never rejects. */
export type Enqueue = (
  tenantId: string,
  changes: readonly Change[],
  traceparent: string,
) => Promise<boolean>;

/** With the traces of all POSTs that the changes came in. */
type Send = (
  tenantId: string,
  changes: readonly Change[],
  traceparents: readonly string[],
) => Promise<boolean>;

interface Gathering {
  changes: Change[];
  traceparents: string[];
  accepted: Promise<boolean>;
  sendNow: () => void;
}

/**
 * Group commit: what comes while a send of its tenant is under way is gathered for a moment and goes in one
 * set. With nothing under way changes are sent at once.
 */
export function createEnqueue(deps: {
  publish: PublishChanges;
  clock: Clock;
  log: Log;
  tracer: Tracer;
  limits: GatherLimits;
}): Enqueue {
  const { clock, limits } = deps;
  const publishInTime = timedPublish(deps);
  const underWay = new Map<string, number>();
  const gatherings = new Map<string, Gathering>();

  const send: Send = async (tenantId, changes, traceparents) => {
    underWay.set(tenantId, (underWay.get(tenantId) ?? 0) + 1);
    const accepted = await publishInTime(tenantId, changes, traceparents);
    const left = (underWay.get(tenantId) ?? 1) - 1;
    underWay.set(tenantId, left);
    if (left === 0) {
      underWay.delete(tenantId);
      gatherings.get(tenantId)?.sendNow();
    }
    return accepted;
  };

  function gather(tenantId: string): Gathering {
    const changes: Change[] = [];
    const traceparents: string[] = [];
    const due = new AbortController();
    const accepted = clock.sleep(limits.gatherMs, due.signal).then(() => {
      gatherings.delete(tenantId);
      return send(tenantId, changes, traceparents);
    });
    const gathering = { changes, traceparents, accepted, sendNow: () => due.abort() };
    gatherings.set(tenantId, gathering);
    return gathering;
  }

  return (tenantId, changes, traceparent) => {
    if (!underWay.has(tenantId)) return send(tenantId, changes, [traceparent]);
    const gathering = gatherings.get(tenantId) ?? gather(tenantId);
    gathering.changes.push(...changes);
    gathering.traceparents.push(traceparent);
    if (gathering.changes.length >= limits.maxChanges) gathering.sendNow();
    return gathering.accepted;
  };
}

/** Publishes within the limit; a send that succeeds after it makes a duplicate, which is harmless. */
function timedPublish({
  publish,
  clock,
  log,
  tracer,
  limits,
}: Parameters<typeof createEnqueue>[0]): Send {
  return async (tenantId, changes, [parent, ...links]) => {
    const late = new AbortController();
    const attributes = { tenantId, changes: changes.length };
    const step = { name: 'queue changes', kind: 'producer', parent, links, attributes } as const;
    try {
      const sent = tracer.step(step, () => {
        const traceparent = tracer.traceparent() ?? parent;
        return publish(tenantId, changes, { traceparent, signal: late.signal });
      });
      if ((await within(sent, limits.enqueueMs, clock)) !== 'late') return true;
      log.warn({ tenantId, changes: changes.length }, 'queue too slow; Graph sends again');
    } catch (error) {
      log.warn(
        { err: error, tenantId, changes: changes.length },
        'queue refused; Graph sends again',
      );
    }
    late.abort();
    return false;
  };
}
