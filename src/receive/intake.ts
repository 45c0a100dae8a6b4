import type { ReceiverLimits } from './receiver-limits.ts';

/** The place of one request among those under way. */
export interface Place {
  /** Counts bytes that the request holds; `false` where there is no room for them. */
  hold(bytes: number): boolean;
  /** Gives back the place and all that it holds. */
  leave(): void;
}

interface Intake {
  /** `undefined` where too many requests are under way, or the receiver closes. */
  enter(): Place | undefined;
  /** Lets nobody in any more; resolves when all have left. */
  close(): Promise<void>;
}

/** Bounds what the receiver has in hand: past it a request is refused at once rather than all served slowly. */
export function createIntake({
  maxRequests,
  maxHeldBytes,
}: Pick<ReceiverLimits, 'maxRequests' | 'maxHeldBytes'>): Intake {
  let requests = 0;
  let heldBytes = 0;
  let emptied: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  function place(): Place {
    let own = 0;
    return {
      hold: (bytes) => {
        if (heldBytes + bytes > maxHeldBytes) return false;
        heldBytes += bytes;
        own += bytes;
        return true;
      },
      leave: () => {
        heldBytes -= own;
        requests -= 1;
        if (requests === 0) emptied?.();
      },
    };
  }

  return {
    enter: () => {
      if (closing || requests >= maxRequests) return undefined;
      requests += 1;
      return place();
    },
    close: () => {
      closing ??= new Promise((resolve) => {
        emptied = resolve;
        if (requests === 0) resolve();
      });
      return closing;
    },
  };
}
