import type { AnyBulkWriteOperation } from 'mongodb';
import type { ObjectType } from '../change.ts';
import { objectKey, type ScimObject } from './collections.ts';
import { contentHash, storable } from './content.ts';
import type { MirrorDeps } from './deps.ts';
import { isOlder, withoutRevision, type ScimFacet } from './facet.ts';
import { isDuplicateKey } from './fenced-writes.ts';

const maxRounds = 20;

/** The id of an object that SCIM alone knows, under its connection's id as the tenant. */
export const aloneId = (scimId: string): string => `scim:${scimId}`;

/** What becomes of the document of an object that SCIM alone knows. */
export interface AloneWrite {
  facet: ScimFacet;
  to: { state: 'active' | 'purged' } | { state: 'merged'; mergedInto: string };
}

/**
 * Writes documents of objects that SCIM alone knows, at most one write for each; their properties carry
 * Graph's names. A write applies only to the document as it was seen; if another writer came between,
 * the document is looked at again.
 */
export async function writeAlone(
  deps: MirrorDeps,
  type: ObjectType,
  writes: readonly AloneWrite[],
): Promise<void> {
  const objects = deps.collections.scimObjects[type];
  let pending = writes;
  for (let round = 0; pending.length > 0; round++) {
    if (round === maxRounds) throw new Error('The documents keep changing; written again later.');
    const found = await objects.find({ _id: { $in: pending.map(keyOf) } }).toArray();
    const seen = new Map(found.map((document) => [document._id, document]));
    const operations: AnyBulkWriteOperation<ScimObject>[] = [];
    pending = pending.filter((write) => {
      const operation = operationOf(deps, write, seen.get(keyOf(write)));
      if (operation) operations.push(operation);
      return operation !== undefined;
    });
    if (await writeAll(objects, operations)) return;
  }
}

const keyOf = ({ facet }: AloneWrite): string => objectKey(facet.connectionId, aloneId(facet.id));

/** Undefined where there is nothing to write. */
function operationOf(
  deps: MirrorDeps,
  write: AloneWrite,
  seen: ScimObject | undefined,
): AnyBulkWriteOperation<ScimObject> | undefined {
  const { facet, to } = write;
  if (seen ? isDone(seen, facet, to.state) : to.state !== 'active') return undefined;
  const next = aloneDocument(deps, write, seen);
  if (!seen) return { insertOne: { document: next } };
  if (isSame(seen, next)) return undefined;
  const asSeen = { _id: seen._id, 'mirror.revision': seen.mirror.revision };
  return { replaceOne: { filter: asSeen, replacement: next } };
}

/** True where every operation met its document. */
async function writeAll(
  objects: MirrorDeps['collections']['scimObjects'][ObjectType],
  operations: AnyBulkWriteOperation<ScimObject>[],
): Promise<boolean> {
  if (operations.length === 0) return true;
  try {
    const { insertedCount, matchedCount } = await objects.bulkWrite(operations, { ordered: false });
    return insertedCount + matchedCount === operations.length;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

function aloneDocument(
  { clock, tombstoneKeepMs }: MirrorDeps,
  { facet, to }: AloneWrite,
  seen: ScimObject | undefined,
): ScimObject {
  const now = new Date(clock.now());
  const { connectionId: tenantId, managerId, values } = facet;
  const id = aloneId(facet.id);
  const properties = storable(values);
  const lower = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const expireAt = new Date(now.getTime() + tombstoneKeepMs);
  return {
    ...properties,
    ...{ _id: objectKey(tenantId, id), tenantId, id, managerId },
    mirror: {
      ...{ ...to, fence: 0, revision: (seen?.mirror.revision ?? 0) + 1, shape: 'scim' },
      contentHash: contentHash(properties, managerId),
      ...{ observedAt: now, changedAt: now, source: 'scim' },
      ...{ upn: lower('userPrincipalName'), mail: lower('mail') },
      scim: { ...facet, values: {}, fills: {}, drift: [] },
      ...(to.state !== 'active' && { expireAt }),
    },
  };
}

/** Whoever was merged stays so. */
const isDone = ({ mirror }: ScimObject, facet: ScimFacet, state: string): boolean =>
  isOlder(facet, mirror.scim) || (mirror.state === 'merged' && state === 'merged');

function isSame({ mirror: a }: ScimObject, { mirror: b }: ScimObject): boolean {
  const shown = ({ state, mergedInto, contentHash: hash, scim }: ScimObject['mirror']) =>
    JSON.stringify([state, mergedInto, hash, withoutRevision(scim)]);
  return shown(a) === shown(b);
}
