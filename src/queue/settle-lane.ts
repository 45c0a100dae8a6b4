/** How a message is settled; only completes may share a turn of the event loop. */
export type SettleKind = 'complete' | 'other';
type SettleLane = (kind: SettleKind, settle: () => Promise<void>) => Promise<void>;

interface Waiting {
  kind: SettleKind;
  release: () => void;
}

/**
 * The one way to settle messages of a receiver. The SDK's AMQP library merges adjacent settlements of
 * one event-loop turn into one frame with the first one's outcome, so that a dead letter behind a
 * complete would be completed. Each turn therefore releases a run of completes or one other outcome.
 */
export function createSettleLane(): SettleLane {
  const waiting: Waiting[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const { release } of waiting.splice(0, nextRun(waiting))) release();
      schedule();
    });
  }

  return (kind, settle) =>
    new Promise((resolve, reject) => {
      waiting.push({ kind, release: () => void settle().then(resolve, reject) });
      schedule();
    });
}

function nextRun(waiting: readonly Waiting[]): number {
  const end = waiting.findIndex(({ kind }) => kind !== 'complete');
  if (end === -1) return waiting.length;
  return Math.max(end, 1);
}
