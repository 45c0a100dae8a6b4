import { z } from 'zod';
import type { ObjectType } from '../change.ts';
import type { GraphClient } from './client.ts';
import { malformed } from './errors.ts';
import { pageBody, pageSize } from './page.ts';
import type { DeletedPage, Lane } from './types.ts';

const deletedItem = z.object({
  id: z.string().min(1),
  deletedDateTime: z.iso.datetime({ offset: true }).nullish(),
});

/** A page of the soft-deleted objects of a type; the first one without `link`. */
export async function deletedPage(
  client: GraphClient,
  type: ObjectType,
  link: string | undefined,
  lane: Lane,
  signal?: AbortSignal,
): Promise<DeletedPage> {
  const first = `/directory/deletedItems/microsoft.graph.${type}?$select=id,deletedDateTime&$top=${pageSize}`;
  const body = await client.fetch({ path: link ?? first, lane, signal });
  const { deleted, nextLink } = parsePage(type, body);
  return { deleted, ...(nextLink ? { nextLink: client.relative(nextLink) } : {}) };
}

function parsePage(type: ObjectType, body: unknown) {
  try {
    const { value, '@odata.nextLink': nextLink } = pageBody.parse(body);
    const items = value.map((item) => deletedItem.parse(item));
    const deleted = items.map(({ id, deletedDateTime: at }) => ({
      id,
      ...(at ? { deletedAt: new Date(at) } : {}),
    }));
    return { deleted, nextLink };
  } catch (error) {
    throw malformed(`a page of deleted ${type}s`, error);
  }
}
