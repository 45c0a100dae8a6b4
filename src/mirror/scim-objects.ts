import type { ObjectType } from '../change.ts';
import { objectKey, type ScimObject } from './collections.ts';
import { contentHash, storable } from './content.ts';
import type { MirrorDeps } from './deps.ts';
import { besideGraph, type ScimFacet } from './facet.ts';
import { isDuplicateKey } from './fenced-writes.ts';
import type { StoredObject } from './types.ts';

const maxRounds = 20;

/** The id of an object that SCIM alone knows, under its connection's id as the tenant. */
export const aloneId = (scimId: string): string => `scim:${scimId}`;

/**
 * Puts a facet beside what Graph says of an object, by compare-and-set; false where Graph has no such
 * object. A newer revision of the facet stands.
 */
export async function attachFacet(
  { collections, clock }: MirrorDeps,
  type: ObjectType,
  key: string,
  facet: ScimFacet,
): Promise<boolean> {
  const objects = collections.objects[type];
  for (let round = 0; round < maxRounds; round++) {
    const seen = await objects.findOne({ _id: key });
    if (!seen) return false;
    if (isOlder(facet, seen.mirror.scim)) return true;
    const decided = besideGraph(storable(seen), seen.managerId ?? null, facet);
    if (sameFacet(seen, decided)) return true;
    const update: Record<string, unknown> = {
      $set: {
        'mirror.source': decided.source,
        'mirror.scim': decided.facet,
        'mirror.changedAt': new Date(clock.now()),
      },
      $inc: { 'mirror.revision': 1 },
    };
    const asSeen = { _id: key, 'mirror.revision': seen.mirror.revision };
    const { matchedCount } = await objects.updateOne(asSeen, update);
    if (matchedCount > 0) return true;
  }
  throw new Error('The document keeps changing; it is written again later.');
}

/** Writes the document of an object that SCIM alone knows; its properties carry Graph's names. */
export async function writeAlone(
  deps: MirrorDeps,
  type: ObjectType,
  facet: ScimFacet,
  to: { state: 'active' | 'purged' } | { state: 'merged'; mergedInto: string },
): Promise<void> {
  const objects = deps.collections.scimObjects[type];
  const _id = objectKey(facet.connectionId, aloneId(facet.id));
  for (let round = 0; round < maxRounds; round++) {
    const seen = await objects.findOne({ _id });
    if (seen ? isDone(seen, facet, to.state) : to.state !== 'active') return;
    const next = aloneDocument(deps, _id, facet, to, seen ?? undefined);
    if (seen && isSame(seen, next)) return;
    if (await replace(objects, seen?.mirror.revision, next)) return;
  }
  throw new Error('The document keeps changing; it is written again later.');
}

async function replace(
  objects: MirrorDeps['collections']['scimObjects'][ObjectType],
  seenRevision: number | undefined,
  next: ScimObject,
): Promise<boolean> {
  if (seenRevision === undefined) {
    try {
      await objects.insertOne(next);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
  const asSeen = { _id: next._id, 'mirror.revision': seenRevision };
  return (await objects.replaceOne(asSeen, next)).matchedCount > 0;
}

function aloneDocument(
  { clock, tombstoneKeepMs }: MirrorDeps,
  _id: string,
  facet: ScimFacet,
  to: Parameters<typeof writeAlone>[3],
  seen: ScimObject | undefined,
): ScimObject {
  const now = new Date(clock.now());
  const { managerId, values } = facet;
  const properties = storable(values);
  const lower = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const expireAt = new Date(now.getTime() + tombstoneKeepMs);
  return {
    ...properties,
    ...{ _id, tenantId: facet.connectionId, id: aloneId(facet.id), managerId },
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

const isOlder = (facet: ScimFacet, held: ScimFacet | undefined): boolean =>
  held?.id === facet.id &&
  (held.revision > facet.revision || (held.removed && held.revision === facet.revision));

function sameFacet({ mirror }: StoredObject, decided: ReturnType<typeof besideGraph>): boolean {
  return (
    mirror.source === decided.source &&
    JSON.stringify(withoutRevision(mirror.scim)) === JSON.stringify(withoutRevision(decided.facet))
  );
}

function isSame({ mirror: a }: ScimObject, { mirror: b }: ScimObject): boolean {
  const shown = ({ state, mergedInto, contentHash: hash, scim }: ScimObject['mirror']) =>
    JSON.stringify([state, mergedInto, hash, withoutRevision(scim)]);
  return shown(a) === shown(b);
}

/** A SCIM revision that says the same is not written for its number alone, unless it ends the facet. */
const withoutRevision = (facet: ScimFacet | undefined) =>
  facet && { ...facet, revision: facet.removed ? facet.revision : 0 };
