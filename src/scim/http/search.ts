import { z } from 'zod';
import { badRequest } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import { isIndexed, queryOf, type Query } from '../filter/query.ts';
import { cursorLifeMs, maxResults } from '../schema/discovery.ts';
import type { ResourceType } from '../schema/attribute.ts';
import type { Resource } from '../schema/value.ts';
import type { ScimStore } from '../store.ts';
import type { StoredResource } from '../types.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Exchange, Reply } from './exchange.ts';
import { presented, selectionOf } from './resources.ts';

export interface SearchDeps {
  store: ScimStore;
  now: number;
  maxScanned: number;
}

/** A list of resources of one or several types: by index, or by cursor where one is asked for. */
export async function search(
  deps: SearchDeps,
  exchange: Exchange,
  types: readonly ResourceType[],
): Promise<Reply> {
  const asked = readPage(exchange.query);
  const queries = await Promise.all(types.map((type) => queryFor(deps, exchange, type)));
  const [type] = types;
  if (asked.cursor !== undefined && type && types.length === 1) {
    const query = queries[0] ?? {};
    const total = await deps.store[type.name].count(exchange.connection._id, query);
    return listOf(total, await cursorPage(deps, exchange, type, { ...asked, query }));
  }
  const { total, Resources } = await indexPage(deps.store, exchange, types, { ...asked, queries });
  return listOf(total, { Resources, startIndex: asked.startIndex });
}

function listOf(
  totalResults: number,
  page: { Resources: Resource[] } & Record<string, unknown>,
): Reply {
  const { Resources, ...rest } = page;
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
  const itemsPerPage = Resources.length;
  return { status: 200, body: { schemas, totalResults, itemsPerPage, ...rest, Resources } };
}

interface Asked {
  startIndex: number;
  count: number;
  cursor?: string | undefined;
}

function readPage({ startIndex, count, cursor }: Exchange['query']): Asked {
  const whole = z.coerce.number().int();
  const start = whole.safeParse(startIndex ?? 1);
  const wanted = whole.safeParse(count ?? 100);
  if (!start.success) throw badRequest('invalidValue', 'startIndex must be a whole number.');
  if (!wanted.success) throw badRequest('invalidCount', 'count must be a whole number.');
  return {
    startIndex: Math.max(1, start.data),
    count: Math.min(maxResults, Math.max(0, wanted.data)),
    cursor,
  };
}

/** Throws a `ScimError` (400, tooMany) for a filter that would have too many resources read. */
async function queryFor(
  { store, maxScanned }: SearchDeps,
  { query: { filter }, connection }: Exchange,
  type: ResourceType,
): Promise<Query> {
  if (filter === undefined) return {};
  const groupsWith = (memberId: string) => store.members.groupsWith(connection._id, memberId);
  const query = await queryOf(type, parseFilter(filter), groupsWith);
  if (isIndexed(query)) return query;
  if ((await store[type.name].countUpTo(connection._id, maxScanned + 1)) <= maxScanned)
    return query;
  throw badRequest(
    'tooMany',
    'This filter would read too much: add one that names an id, userName, displayName or externalId.',
  );
}

/** Several types follow one another. */
async function indexPage(
  store: ScimStore,
  exchange: Exchange,
  types: readonly ResourceType[],
  { startIndex, count, queries }: Asked & { queries: Query[] },
): Promise<{ total: number; Resources: Resource[] }> {
  const Resources: Resource[] = [];
  let skip = startIndex - 1;
  let total = 0;
  for (const [at, type] of types.entries()) {
    const page = { skip, limit: count - Resources.length };
    const found = await pageOf(store[type.name], exchange.connection._id, queries[at] ?? {}, page);
    const shown = { records: found.records, selection: selectionOf(exchange, type) };
    if (found.records.length > 0) {
      Resources.push(...(await presented(store, exchange, type, shown)));
    }
    total += found.total;
    skip = Math.max(0, skip - found.total);
  }
  return { total, Resources };
}

/** A first page with room left tells the total by itself, as Entra's matching of one person does. */
async function pageOf(
  resources: ScimStore['User'],
  connectionId: string,
  query: Query,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ records: StoredResource[]; total: number }> {
  const read = () => resources.find(connectionId, query, { skip, limit });
  const first = skip === 0 && limit > 0 ? await read() : undefined;
  if (first && first.length < limit) return { records: first, total: first.length };
  const total = await resources.count(connectionId, query);
  if (first) return { records: first, total };
  return { records: limit > 0 && skip < total ? await read() : [], total };
}

async function cursorPage(
  { store, now }: SearchDeps,
  exchange: Exchange,
  type: ResourceType,
  { cursor = '', count, query }: Asked & { query: Query },
) {
  const { signingKey: key, _id: connectionId } = exchange.connection;
  const question = `${type.name} ${exchange.query['filter'] ?? ''}`;
  const after = cursor === '' ? '' : readCursor(cursor, question, { key, now });
  const records = await store[type.name].find(connectionId, query, { after, limit: count + 1 });
  const shown = records.slice(0, count);
  const selection = selectionOf(exchange, type);
  const Resources = await presented(store, exchange, type, { records: shown, selection });
  const last = shown.at(-1);
  if (!last || records.length <= count) return { Resources };
  const endsAtMs = now + cursorLifeMs;
  return { Resources, nextCursor: writeCursor({ last: last.id, question, endsAtMs }, key) };
}
