import type { z } from 'zod';
import type { Answer } from './answer.ts';
import { batchGet } from './batch.ts';
import type { GraphClient } from './client.ts';
import { edgeSchema, memberType } from './edge.ts';
import { malformed } from './errors.ts';
import { pageBody, pageSize } from './page.ts';
import type { Graph, Lane } from './types.ts';

type Item = z.infer<typeof edgeSchema>;
type Relations = Awaited<ReturnType<Graph['relations']>>;

/** All pages of what a person belongs to, owns and leads. A cast to groups would be served by an index that lags. */
export async function relations(
  client: GraphClient,
  userId: string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<Relations> {
  const pathOf = (relation: string) =>
    `/users/${encodeURIComponent(userId)}/${relation}?$select=id&$top=${pageSize}`;
  const names = ['memberOf', 'ownedObjects', 'directReports'];
  const firstPages = await batchGet(client, names, pathOf, lane, signal);
  const isMissing = firstPages.some(
    ({ answer }) => !(answer instanceof Error) && answer.status === 404,
  );
  if (isMissing) return 'missing';
  const [memberOf = [], owned = [], reports = []] = await Promise.all(
    firstPages.map(({ answer }) => allItems(client, answer, lane, signal)),
  );
  return {
    memberOf: memberOf.filter(isGroup).map(({ id }) => id),
    owned: owned.filter(isGroup).map(({ id }) => id),
    reports: reports.map(({ id }) => id),
  };
}

async function allItems(
  client: GraphClient,
  first: Answer | Error,
  lane: Lane,
  signal?: AbortSignal,
): Promise<Item[]> {
  if (first instanceof Error) throw first;
  const items: Item[] = [];
  let page = parsePage(client.bodyOf(first));
  items.push(...page.items);
  while (page.nextLink) {
    page = parsePage(await client.fetch({ path: page.nextLink, lane, signal }));
    items.push(...page.items);
  }
  return items;
}

function parsePage(body: unknown): { items: Item[]; nextLink: string | undefined } {
  try {
    const { value, '@odata.nextLink': nextLink } = pageBody.parse(body);
    return { items: value.map((item) => edgeSchema.parse(item)), nextLink };
  } catch (error) {
    throw malformed('a page of relations', error);
  }
}

function isGroup(item: Item): boolean {
  return memberType(item['@odata.type']) === 'group';
}
