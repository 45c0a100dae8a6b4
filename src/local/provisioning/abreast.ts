const workers = 8;

/** Runs `work` for each, several at a time. */
export async function abreast<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const run = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, run));
}
