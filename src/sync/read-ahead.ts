import type { SyncDeps } from './deps.ts';

/** What is read next while the piece before it is written: one piece, so that a crash loses no more. */
export interface ReadAhead<Piece> {
  /** Begins to read the piece at `cursor`. */
  begin(cursor: string | undefined, read: () => Promise<Piece>): void;
  /** The piece at `cursor`, read now where it was not read ahead, or so long ago that it must not be written. */
  take(cursor: string | undefined, read: () => Promise<Piece>): Promise<Piece>;
}

export function createReadAhead<Piece>({
  clock,
  timings: { staleReadMs },
}: Pick<SyncDeps, 'clock' | 'timings'>): ReadAhead<Piece> {
  let ahead: { cursor: string | undefined; begunMs: number; piece: Promise<Piece> } | undefined;
  return {
    begin(cursor, read) {
      ahead = { cursor, begunMs: clock.now(), piece: read() };
      // Whoever takes it learns of the failure.
      ahead.piece.catch(() => undefined);
    },
    take(cursor, read) {
      const taken = ahead;
      ahead = undefined;
      if (!taken || taken.cursor !== cursor) return read();
      return clock.now() - taken.begunMs > staleReadMs ? read() : taken.piece;
    },
  };
}
