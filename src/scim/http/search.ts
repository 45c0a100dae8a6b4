import { z } from 'zod';
import { badRequest } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import { queryOf, type Query } from '../filter/query.ts';
import { cursorLifeMs, maxResults } from '../schema/discovery.ts';
import type { ResourceType } from '../schema/attribute.ts';
import type { Resource } from '../schema/value.ts';
import type { ScimStore } from '../store.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Exchange, Reply } from './exchange.ts';
import { presented, selectionOf } from './resources.ts';

/** A list of resources of one or several types: by index, or by cursor where one is asked for. */
export async function search(
  deps: { store: ScimStore; now: number },
  exchange: Exchange,
  types: readonly ResourceType[],
): Promise<Reply> {
  const asked = readPage(exchange.query);
  const queries = await Promise.all(types.map((type) => queryFor(deps.store, exchange, type)));
  const totals = await Promise.all(
    types.map((type, at) =>
      deps.store[type.name].count(exchange.connection._id, queries[at] ?? {}),
    ),
  );
  const totalResults = totals.reduce((sum, total) => sum + total, 0);
  const [type] = types;
  if (asked.cursor !== undefined && type && types.length === 1) {
    return listOf(
      totalResults,
      await cursorPage(deps, exchange, type, { ...asked, query: queries[0] ?? {} }),
    );
  }
  const Resources = await indexPage(deps.store, exchange, types, { ...asked, queries, totals });
  return listOf(totalResults, { Resources, startIndex: asked.startIndex });
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

async function queryFor(
  store: ScimStore,
  { query: { filter }, connection }: Exchange,
  type: ResourceType,
): Promise<Query> {
  if (filter === undefined) return {};
  const groupsWith = (memberId: string) => store.members.groupsWith(connection._id, memberId);
  return queryOf(type, parseFilter(filter), groupsWith);
}

/** Several types follow one another. */
async function indexPage(
  store: ScimStore,
  exchange: Exchange,
  types: readonly ResourceType[],
  { startIndex, count, queries, totals }: Asked & { queries: Query[]; totals: number[] },
): Promise<Resource[]> {
  const found: Resource[] = [];
  let skip = startIndex - 1;
  for (const [at, type] of types.entries()) {
    const limit = count - found.length;
    const total = totals[at] ?? 0;
    if (limit > 0 && skip < total) {
      const page = { skip, limit };
      const records = await store[type.name].find(exchange.connection._id, queries[at] ?? {}, page);
      const selection = selectionOf(exchange, type);
      found.push(...(await presented(store, exchange, type, { records, selection })));
    }
    skip = Math.max(0, skip - total);
  }
  return found;
}

async function cursorPage(
  { store, now }: { store: ScimStore; now: number },
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
