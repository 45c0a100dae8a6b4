import type { CollectionIndex, IndexField } from './collection-index.ts';
import { impliedBy, type Demand } from './demands.ts';
import { inverted, keyOf, last } from './key.ts';

export type Sort = readonly (readonly [name: string, direction: 1 | -1])[];

/** `low <= key < high` of an index's entries. */
interface KeyRange {
  low: string;
  high: string;
}

export interface IndexScan {
  stage: 'IXSCAN';
  index: CollectionIndex;
  ranges: readonly KeyRange[];
  direction: 'forward' | 'backward';
  /** The candidates come in the order that was asked for. */
  sorted: boolean;
  score: number;
}

/** One more field fixed outweighs a sort that comes for free; that outweighs a range. */
const weight = { point: 4, sorted: 2, range: 1, unusable: -1 };
const maxRanges = 10_000;

/** What an index could do for a query; the best score is taken, and none at or below 0. */
export function planIndex(
  index: CollectionIndex,
  demands: ReadonlyMap<string, Demand>,
  sort: Sort,
): IndexScan {
  const { prefixes, fixed } = fixedPrefixes(index, demands);
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

/** The beginnings that keys must have, by the leading fields of which the values are known. */
function fixedPrefixes(
  index: CollectionIndex,
  demands: ReadonlyMap<string, Demand>,
): { prefixes: string[]; fixed: number } {
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
  return { prefixes, fixed };
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
