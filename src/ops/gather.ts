/**
 * Joins the calls that come while one is under way into the next one (group commit): a lone call waits
 * for nothing, and the more come, the less each costs. Calls of different keys do not wait for one
 * another. `run` gives one result for each item, in their order; it begins after each of its items came.
 */
export function createGather<Item, Result>(
  run: (items: Item[], key: string) => Promise<readonly Result[]>,
  { most = 500, weightOf = () => 1 }: { most?: number; weightOf?: (item: Item) => number } = {},
) {
  const lanes = new Map<string, Waiting<Item, Result>[]>();

  const drain = async (key: string, waiting: Waiting<Item, Result>[]) => {
    while (waiting.length > 0) await settle(key, take(waiting, most, weightOf));
    lanes.delete(key);
  };
  const settle = async (key: string, batch: Waiting<Item, Result>[]) => {
    try {
      const results = await run(
        batch.map(({ item }) => item),
        key,
      );
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (item: Item, key = ''): Promise<Result> =>
    new Promise((resolve, reject) => {
      const one = { item, resolve, reject };
      const lane = lanes.get(key);
      if (lane) {
        lane.push(one);
        return;
      }
      const begun = [one];
      lanes.set(key, begun);
      void drain(key, begun);
    });
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** As many as weigh no more than `most`, and always one. */
function take<Item, Result>(
  waiting: Waiting<Item, Result>[],
  most: number,
  weightOf: (item: Item) => number,
): Waiting<Item, Result>[] {
  let weight = 0;
  const end = waiting.findIndex(({ item }, at) => {
    weight += weightOf(item);
    return at > 0 && weight > most;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}
