import type { ObjectType } from '../change.ts';
import type { GraphClient } from './client.ts';
import { malformed } from './errors.ts';
import { pageBody, pageSize } from './page.ts';
import type { PropertyTable } from './properties.ts';
import type { Lane, ObjectPage } from './types.ts';
import { wholeObject, wholeQuery } from './whole-object.ts';

/** A page of whole objects; the first one without `link`. */
export async function listPage(
  client: GraphClient,
  table: PropertyTable,
  type: ObjectType,
  link: string | undefined,
  lane: Lane,
  signal?: AbortSignal,
): Promise<ObjectPage> {
  const path = link ?? `/${type}s?${wholeQuery(type, table)}&$top=${pageSize}`;
  const body = await client.fetch({ path, lane, signal });
  const { objects, nextLink } = parsePage(type, body, table);
  return { objects, ...(nextLink ? { nextLink: client.relative(nextLink) } : {}) };
}

function parsePage(type: ObjectType, body: unknown, table: PropertyTable) {
  try {
    const { value, '@odata.nextLink': nextLink } = pageBody.parse(body);
    return { objects: value.map((raw) => wholeObject(type, raw, table)), nextLink };
  } catch (error) {
    throw malformed(`a page of ${type}s`, error);
  }
}
