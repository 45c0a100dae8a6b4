const underWay = 2;

/** Runs `work` on parts of up to `size`, two at a time: while MongoDB writes one, the next is made ready. */
export async function inParts<T>(
  all: readonly T[],
  size: number,
  work: (part: T[]) => Promise<unknown>,
): Promise<void> {
  let from = 0;
  const lane = async (): Promise<void> => {
    while (from < all.length) {
      const part = all.slice(from, from + size);
      from += size;
      await work(part);
    }
  };
  await Promise.all(Array.from({ length: underWay }, lane));
}
