import { demandsOf, impliedBy, type Demand } from './bounds.ts';
import type { Collection, StoredRecord } from './collection.ts';
import type { CollectionIndex, IndexField } from './collection-index.ts';
import { isDoc, type Doc } from './document.ts';
import { inverted, keyOf, last } from './key.ts';

/** `low <= key < high` of an index's entries. */
interface KeyRange {
  low: string;
  high: string;
}

/** How the candidates for a query are found; each is still tested against the whole query. */
export type Plan =
  | { stage: 'IDHACK'; idKey: string }
  | {
      stage: 'IXSCAN';
      index: CollectionIndex;
      ranges: readonly KeyRange[];
      direction: 'forward' | 'backward';
      /** The candidates come in the order that was asked for. */
      sorted: boolean;
      score: number;
    }
  | { stage: 'OR'; inputs: readonly Plan[] }
  | { stage: 'COLLSCAN' };

type Sort = readonly (readonly [name: string, direction: 1 | -1])[];

export function planQuery(collection: Collection, filter: Doc, sort: Sort): Plan {
  const demands = demandsOf(filter);
  const [idKey, second] = demands.get('_id')?.points ?? [];
  if (idKey !== undefined && second === undefined) return { stage: 'IDHACK', idKey };
  let best: (Plan & { stage: 'IXSCAN' }) | undefined;
  for (const index of collection.indexes) {
    const plan = planIndex(index, demands, sort);
    if (plan.score > (best?.score ?? 0)) best = plan;
  }
  return best ?? planBranches(collection, filter) ?? { stage: 'COLLSCAN' };
}

export function* candidates(collection: Collection, plan: Plan): Generator<StoredRecord> {
  switch (plan.stage) {
    case 'IDHACK': {
      const record = collection.records.get(plan.idKey);
      if (record) yield record;
      return;
    }
    case 'IXSCAN':
      yield* plan.index.multikey ? distinct(scan(plan)) : scan(plan);
      return;
    case 'OR':
      yield* distinct(plan.inputs.flatMap((input) => [...candidates(collection, input)]));
      return;
    case 'COLLSCAN':
      yield* collection.records.values();
  }
}

function* scan({ index, ranges, direction }: Plan & { stage: 'IXSCAN' }): Generator<StoredRecord> {
  for (const { low, high } of ranges) {
    const entries =
      direction === 'forward' ? index.entries.range(low, high) : index.entries.rangeDown(low, high);
    for (const { record } of entries) yield record;
  }
}

function* distinct(records: Iterable<StoredRecord>): Generator<StoredRecord> {
  const seen = new Set<StoredRecord>();
  for (const record of records) {
    if (seen.has(record)) continue;
    seen.add(record);
    yield record;
  }
}

/** A query whose every `$or` branch has an index reads them one after the other. */
function planBranches(collection: Collection, filter: Doc): Plan | undefined {
  const branches = filter['$or'];
  if (!Array.isArray(branches)) return undefined;
  const inputs = branches.map((branch) => planQuery(collection, isDoc(branch) ? branch : {}, []));
  return inputs.some(({ stage }) => stage === 'COLLSCAN') ? undefined : { stage: 'OR', inputs };
}

/** One more field fixed outweighs a sort that comes for free; that outweighs a range. */
const weight = { point: 4, sorted: 2, range: 1, unusable: -1 };
const maxRanges = 10_000;

function planIndex(
  index: CollectionIndex,
  demands: ReadonlyMap<string, Demand>,
  sort: Sort,
): Plan & { stage: 'IXSCAN' } {
  let prefixes = [''];
  let fixed = 0;
  for (const field of index.fields) {
    const points = demands.get(field.name)?.points;
    // Two fields of an array can be met by two of its elements: only the first one counts then.
    if (!points || (index.multikey && fixed > 0)) break;
    if (prefixes.length * points.length > maxRanges) break;
    const keys = field.descending ? points.map(inverted).reverse() : points;
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => prefix + key));
    fixed++;
  }
  const next = index.multikey && fixed > 0 ? undefined : index.fields[fixed];
  const demand = next && demands.get(next.name);
  const ranged = Boolean(demand?.lower ?? demand?.upper);
  const direction = prefixes.length === 1 ? sortDirection(index, fixed, demands, sort) : undefined;
  const usable = !index.partialFilter || impliedBy(demands, index.partialFilter);
  return {
    stage: 'IXSCAN',
    index,
    ranges: prefixes.map((prefix) => rangeOf(prefix, next, demand, index.multikey)),
    direction: direction ?? 'forward',
    sorted: direction !== undefined,
    score: usable
      ? fixed * weight.point + (direction ? weight.sorted : 0) + (ranged ? weight.range : 0)
      : weight.unusable,
  };
}

function rangeOf(
  prefix: string,
  field: IndexField | undefined,
  demand: Demand | undefined,
  multikey: boolean,
): KeyRange {
  const whole = { low: prefix, high: prefix + last };
  if (!field || !demand) return whole;
  const { lower } = demand;
  // Several elements may meet the two bounds of an array field, one each.
  const upper = multikey && lower ? undefined : demand.upper;
  const bounds = lower ?? upper;
  if (!bounds) return whole;
  const lowKey = lower && keyOf(lower.value);
  const highKey = upper && keyOf(upper.value);
  // Without a bound of its own, an end is where the keys of the other bound's type end.
  const type = keyOf(bounds.value).charCodeAt(0);
  const nextType = String.fromCharCode(type + 1);
  const typeBefore = String.fromCharCode(type - 1);
  const [low, high] = field.descending
    ? [inverted(highKey ?? nextType), lowKey ? inverted(lowKey) + last : inverted(typeBefore)]
    : [lowKey ?? String.fromCharCode(type), highKey ? highKey + last : nextType];
  return { low: prefix + low, high: prefix + high };
}

/** The way to read the entries so that they come sorted; undefined where they do not. */
function sortDirection(
  index: CollectionIndex,
  fixed: number,
  demands: ReadonlyMap<string, Demand>,
  sort: Sort,
): 'forward' | 'backward' | undefined {
  const wanted = sort.filter(([name]) => demands.get(name)?.points?.length !== 1);
  if (sort.length === 0 || index.multikey) return undefined;
  const [first] = wanted;
  if (!first) return 'forward';
  const backward = (index.fields[fixed]?.descending ?? false) !== (first[1] === -1);
  const follows = wanted.every(([name, direction], at) => {
    const field = index.fields[fixed + at];
    return field?.name === name && (field.descending !== (direction === -1)) === backward;
  });
  return follows ? (backward ? 'backward' : 'forward') : undefined;
}
