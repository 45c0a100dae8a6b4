import { z } from 'zod';
import type { ObjectType } from '../change.ts';
import type { GraphClient } from './client.ts';
import { edgeSchema, toEdge } from './edge.ts';
import { malformed } from './errors.ts';
import type { PropertyTable } from './properties.ts';
import type { DeltaItem, DeltaPage, EdgeKind, Lane } from './types.ts';

const itemSchema = z.object({
  id: z.string().min(1),
  '@removed': z
    .object({ reason: z.enum(['changed', 'deleted']) })
    .catch({ reason: 'changed' })
    .optional(),
  'manager@delta': z.array(edgeSchema).optional(),
  'members@delta': z.array(edgeSchema).optional(),
  'owners@delta': z.array(edgeSchema).optional(),
});
const deltaBody = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
});

/** A delta link from now on, without data. */
export async function latestLink(
  client: GraphClient,
  table: PropertyTable,
  type: ObjectType,
  lane: Lane,
  signal?: AbortSignal,
): Promise<string> {
  const relations = type === 'user' ? ['manager'] : ['members', 'owners'];
  const select = ['id', ...table[type], ...relations].join(',');
  const path = `/${type}s/delta?$select=${select}&$deltatoken=latest`;
  const { deltaLink } = await deltaPage(client, table, type, path, lane, signal);
  if (!deltaLink) throw malformed('a delta link from now on');
  return deltaLink;
}

/** The page behind a link. Throws `LinkExpiredError` where Graph no longer takes it. */
export async function deltaPage(
  client: GraphClient,
  table: PropertyTable,
  type: ObjectType,
  link: string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<DeltaPage> {
  const headers = { Prefer: 'return=minimal' };
  const body = await client.fetch({ path: link, headers, lane, signal });
  const parsed = deltaBody.safeParse(body);
  if (!parsed.success) throw malformed('a delta page', parsed.error);
  const { value, '@odata.nextLink': next, '@odata.deltaLink': delta } = parsed.data;
  if (!next && !delta) throw malformed('a delta page: it has no link');
  return {
    items: value.map((raw) => deltaItem(type, raw, table)),
    ...(next ? { nextLink: client.relative(next) } : {}),
    ...(delta ? { deltaLink: client.relative(delta) } : {}),
  };
}

/** An item as it is: properties that it does not show are not there. */
export function deltaItem(type: ObjectType, raw: unknown, table: PropertyTable): DeltaItem {
  const parsed = itemSchema.safeParse(raw);
  if (!parsed.success) throw malformed(`a delta item of a ${type}`, parsed.error);
  const { id, '@removed': removed, 'manager@delta': manager } = parsed.data;
  const given = Object(raw) as Record<string, unknown>;
  const shown = table[type].filter((name) => Object.hasOwn(given, name));
  return {
    type,
    id,
    properties: Object.fromEntries(shown.map((name) => [name, given[name]])),
    // The old manager may stand beside the new one, marked as removed.
    ...(manager && { managerId: manager.findLast((each) => !each['@removed'])?.id ?? null }),
    ...(removed && { removed: removed.reason }),
    edges: [
      ...deltaEdges('member', parsed.data['members@delta']),
      ...deltaEdges('owner', parsed.data['owners@delta']),
    ],
  };
}

function deltaEdges(kind: EdgeKind, edges: z.infer<typeof edgeSchema>[] = []): DeltaItem['edges'] {
  return edges.map((edge) => ({
    ...toEdge(kind, edge),
    removed: edge['@removed'] !== undefined && edge['@removed'] !== null,
  }));
}
