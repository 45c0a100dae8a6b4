import { isOk, type Answer } from './answer.ts';
import { batchGet } from './batch.ts';
import type { GraphClient } from './client.ts';
import { edgeSchema, toEdge } from './edge.ts';
import { failureOf } from './failure.ts';
import { pageBody, pageSize } from './page.ts';
import { assertPermitted } from './permission.ts';
import type { EdgeKind, EdgePage, Graph, Lane } from './types.ts';

interface EdgeRequest {
  groupId: string;
  kind: EdgeKind;
  link?: string;
}
type EdgeRead = Awaited<ReturnType<Graph['edgePages']>>[number];

/**
 * A page of members or owners per request, in their order. `missing`: Graph knows no such
 * group now; `refused` with the code `linkExpired`: the group begins again at its first page.
 */
export async function edgePages(
  client: GraphClient,
  requests: readonly EdgeRequest[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<EdgeRead[]> {
  const parts = await batchGet(client, requests, edgePath(client), lane, signal);
  const typed = parts.map(({ answer }) => ({ type: 'group' as const, answer }));
  await assertPermitted(client, typed, lane, signal);
  return parts.map(({ item, answer }) => edgeRead(client, item.kind, answer));
}

const edgePath =
  (client: GraphClient) =>
  ({ groupId, kind, link }: EdgeRequest): string =>
    link === undefined
      ? `/groups/${encodeURIComponent(groupId)}/${kind}s?$select=id&$top=${pageSize}`
      : client.relative(link);

function edgeRead(client: GraphClient, kind: EdgeKind, answer: Answer | Error): EdgeRead {
  if (answer instanceof Error) return failureOf(client, answer);
  if (answer.status === 404) return { kind: 'missing' };
  if (!isOk(answer)) return failureOf(client, answer);
  try {
    return { kind: 'found', page: edgePage(client, kind, answer.body) };
  } catch {
    return { kind: 'failed', reason: `Graph's answer cannot be read as a page of ${kind}s` };
  }
}

function edgePage(client: GraphClient, kind: EdgeKind, body: unknown): EdgePage {
  const { value, '@odata.nextLink': nextLink } = pageBody.parse(body);
  const edges = value.map((item) => toEdge(kind, edgeSchema.parse(item)));
  return { edges, ...(nextLink ? { nextLink: client.relative(nextLink) } : {}) };
}
