import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';
import { watchReception } from '../subscriptions/reception.ts';
import { sweepAll } from '../sync/sweep-all.ts';

/** Looks after the receiver from here, wherever it runs. */
export function keepReception(connections: Connections, publicUrl: string, closers: Closers): void {
  const closing = new AbortController();
  const { subscriptions, ...deps } = connections;
  const watching = watchReception(
    {
      ...deps,
      publicUrl,
      lastReceiptAt: () => subscriptions.lastReceiptAt(),
      sweepAll: () => sweepAll(connections),
    },
    closing.signal,
  );
  closers.add('reception', () => {
    closing.abort();
    return watching;
  });
}
