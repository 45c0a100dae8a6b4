import { CommandError } from '../errors.ts';
import type { Collection, StoredRecord } from './collection.ts';
import type { Doc } from './document.ts';
import type { Sort } from './index-scan.ts';
import { keyOf, order } from './key.ts';
import { compileFilter } from './match.ts';
import { valuesAt } from './paths.ts';
import { candidates, planQuery, type Plan } from './plan.ts';

export interface Query {
  filter: Doc;
  sort?: Doc;
  skip?: number;
  /** 0 or absent: no limit. */
  limit?: number;
}

export function findRecords(collection: Collection | undefined, query: Query): StoredRecord[] {
  const matches = compileFilter(query.filter);
  const sort = sortOf(query.sort);
  if (!collection) return [];
  const plan = planQuery(collection, query.filter, sort);
  const { skip = 0, limit = 0 } = query;
  const wanted = limit > 0 ? skip + limit : Infinity;
  const stopsEarly = sort.length === 0 || comesSorted(plan);
  const found: StoredRecord[] = [];
  for (const record of candidates(collection, plan)) {
    if (!matches(record.doc)) continue;
    found.push(record);
    if (stopsEarly && found.length >= wanted) break;
  }
  const ordered = stopsEarly ? found : sorted(found, sort);
  return skip > 0 || ordered.length > wanted ? ordered.slice(skip, wanted) : ordered;
}

/** MongoDB's words for a plan. */
export function explainQuery(collection: Collection | undefined, query: Query): Doc {
  compileFilter(query.filter);
  const sort = sortOf(query.sort);
  if (!collection) return { stage: 'EOF' };
  const plan = planQuery(collection, query.filter, sort);
  const tree = explainPlan(plan);
  const ordered =
    sort.length === 0 || comesSorted(plan)
      ? tree
      : { stage: 'SORT', sortPattern: query.sort, inputStage: tree };
  return query.limit ? { stage: 'LIMIT', limitAmount: query.limit, inputStage: ordered } : ordered;
}

function sortOf(spec: Doc = {}): Sort {
  return Object.entries(spec).flatMap(([name, direction]) => {
    if (name === '$natural') return [];
    if (direction === 1 || direction === -1) return [[name, direction] as const];
    throw new CommandError(
      'BadValue',
      '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
    );
  });
}

const comesSorted = (plan: Plan): boolean =>
  plan.stage === 'IDHACK' || (plan.stage === 'IXSCAN' && plan.sorted);

function explainPlan(plan: Plan): Doc {
  switch (plan.stage) {
    case 'IXSCAN':
      return {
        stage: 'FETCH',
        inputStage: {
          stage: 'IXSCAN',
          keyPattern: plan.index.spec['key'],
          indexName: plan.index.name,
          isMultiKey: plan.index.multikey,
          isUnique: plan.index.unique,
          isPartial: plan.index.partialFilter !== undefined,
          direction: plan.direction,
        },
      };
    case 'OR':
      return { stage: 'OR', inputStages: plan.inputs.map(explainPlan) };
    case 'IDHACK':
      return { stage: 'IDHACK', keyPattern: { _id: 1 }, indexName: '_id_' };
    case 'COLLSCAN':
      return { stage: 'COLLSCAN', direction: 'forward' };
  }
}

function sorted(records: readonly StoredRecord[], sort: Sort): StoredRecord[] {
  const fields = sort.map(([name, direction]) => ({ path: name.split('.'), direction }));
  return records
    .map((record) => ({
      record,
      keys: fields.map(({ path, direction }) => sortKey(record.doc, path, direction)),
    }))
    .sort((a, b) => {
      for (const [at, { direction }] of fields.entries()) {
        const result = order(a.keys[at] ?? '', b.keys[at] ?? '');
        if (result !== 0) return result * direction;
      }
      return 0;
    })
    .map(({ record }) => record);
}

/** An array sorts by its smallest element, or by its greatest one when descending. */
function sortKey(doc: Doc, path: readonly string[], direction: 1 | -1): string {
  const [value, ...others] = valuesAt(doc, path).flatMap((found) =>
    Array.isArray(found) && found.length > 0 ? (found as unknown[]) : [found],
  );
  let key = keyOf(value);
  for (const other of others.map(keyOf)) if (order(other, key) === -direction) key = other;
  return key;
}
