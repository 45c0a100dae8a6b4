import type { Collection, StoredRecord } from './collection.ts';
import { demandsOf } from './demands.ts';
import { isDoc, type Doc } from './document.ts';
import { planIndex, type IndexScan, type Sort } from './index-scan.ts';

/** How the candidates for a query are found; each is still tested against the whole query. */
export type Plan =
  | { stage: 'IDHACK'; idKey: string }
  | IndexScan
  | { stage: 'OR'; inputs: readonly Plan[] }
  | { stage: 'COLLSCAN' };

export function planQuery(collection: Collection, filter: Doc, sort: Sort): Plan {
  const demands = demandsOf(filter);
  const [idKey, second] = demands.get('_id')?.points ?? [];
  if (idKey !== undefined && second === undefined) return { stage: 'IDHACK', idKey };
  let best: IndexScan | undefined;
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

function* scan({ index, ranges, direction }: IndexScan): Generator<StoredRecord> {
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
