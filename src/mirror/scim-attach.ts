import type { ObjectType } from '../change.ts';
import { storable } from './content.ts';
import type { MirrorDeps } from './deps.ts';
import { besideGraph, isOlder, withoutRevision, type ScimFacet } from './facet.ts';
import type { StoredObject } from './types.ts';

const maxRounds = 20;

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

function sameFacet({ mirror }: StoredObject, decided: ReturnType<typeof besideGraph>): boolean {
  return (
    mirror.source === decided.source &&
    JSON.stringify(withoutRevision(mirror.scim)) === JSON.stringify(withoutRevision(decided.facet))
  );
}
