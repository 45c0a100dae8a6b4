import type { ObjectType } from '../../change.ts';
import type { Audit } from './context.ts';
import type { Entry } from './digest-table.ts';
import { SetDigest } from './digest.ts';
import { edgesKey } from './edge-pages.ts';
import { objectDigest } from './object-differences.ts';

/** Above it, the memberships of the rest are found different and then forgiven one by one. */
const softDeletedHeld = 100_000;

/** Digests of the mirror's users or groups, in the order of their ids. */
export async function* mirroredObjects(
  { deps, tenantId }: Audit,
  type: ObjectType,
): AsyncGenerator<Entry> {
  for await (const held of deps.mirror.heldObjects(tenantId, type)) {
    const { id, managerId = null, mirror } = held;
    yield { key: id, digest: objectDigest(mirror.state, held, managerId) };
  }
}

/**
 * Digests of the mirror's members and owners by group, in the order of the groups' ids, without what
 * Graph does not show: the memberships of who is soft-deleted, and all of a soft-deleted group.
 */
export async function* mirroredEdges({ deps, tenantId }: Audit): AsyncGenerator<Entry> {
  const hidden = await deps.mirror.softDeletedIds(tenantId, softDeletedHeld);
  let key: string | undefined;
  let digest = new SetDigest();
  for await (const edge of deps.mirror.presentEdges(tenantId)) {
    if (hidden.has(edge.memberId) || hidden.has(edge.groupId)) continue;
    if (key !== undefined && key !== edgesKey(edge)) {
      yield { key, digest: String(digest) };
      digest = new SetDigest();
    }
    key = edgesKey(edge);
    digest.add(edge.memberId);
  }
  if (key !== undefined) yield { key, digest: String(digest) };
}
