import type { Change, PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Tracer } from '../ops/trace.ts';
import { within } from './within.ts';

export interface GatherLimits {
  /** How long changes wait for others while a send of their tenant is under way. */
  gatherMs: number;
  /** A set takes no more changes, unless one POST brings more. */
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
 * set. With nothing under way what one turn of the event loop brings is sent at its end.
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
    void clock.sleep(lingerMs).then(() => end(tenantId));
    return accepted;
  };

  function end(tenantId: string): void {
    const left = (underWay.get(tenantId) ?? 1) - 1;
    underWay.set(tenantId, left);
    if (left > 0) return;
    underWay.delete(tenantId);
    gatherings.get(tenantId)?.sendNow();
  }

  function gather(tenantId: string): Gathering {
    const changes: Change[] = [];
    const traceparents: string[] = [];
    const due = new AbortController();
    const isAlone = !underWay.has(tenantId);
    const ripe = isAlone ? endOfTurn() : clock.sleep(limits.gatherMs, due.signal);
    const sendNow = () => {
      if (gatherings.get(tenantId) === gathering) gatherings.delete(tenantId);
      due.abort();
    };
    const accepted = ripe.then(() => {
      sendNow();
      return send(tenantId, changes, traceparents);
    });
    const gathering: Gathering = { changes, traceparents, accepted, sendNow };
    gatherings.set(tenantId, gathering);
    return gathering;
  }

  return (tenantId, changes, traceparent) => {
    const begun = gatherings.get(tenantId);
    const isFull = begun && begun.changes.length + changes.length > limits.maxChanges;
    if (isFull) begun.sendNow();
    const gathering = begun && !isFull ? begun : gather(tenantId);
    gathering.changes.push(...changes);
    gathering.traceparents.push(traceparent);
    if (gathering.changes.length >= limits.maxChanges) gathering.sendNow();
    return gathering.accepted;
  };
}

/** A send counts as under way this much longer, so that who was answered by it can come with the next one. */
const lingerMs = 1;

/** What the sockets have brought by now is taken before it. */
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

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
