import type { ObjectRef } from '../../change.ts';
import type { Read } from '../../graph/types.ts';
import { patiently } from '../patiently.ts';
import type { Audit } from './context.ts';
import type { Found } from './object-differences.ts';

const roundsAllowed = 6;
const pauseMs = 1_000;

/** Reads objects one by one, again while Graph throttles or fails; undefined for what it refuses. */
export async function readDirectly(
  audit: Audit,
  refs: readonly ObjectRef[],
): Promise<(Found | undefined)[]> {
  const { deps, tenantId, signal } = audit;
  const results = new Map<ObjectRef, Read>();
  let open = [...refs];
  for (let round = 0; open.length > 0; round += 1) {
    if (round === roundsAllowed) throw new Error('Graph kept failing: audit again later');
    const asked = open;
    await audit.keep();
    const reads = await patiently(deps.clock, signal, () =>
      deps.graphOf(tenantId).read(asked, 'audit', signal),
    );
    asked.forEach((ref, index) => {
      const read = reads[index];
      if (read) results.set(ref, read);
    });
    open = asked.filter((ref) => pauseOf(results.get(ref)) > 0);
    const pauses = open.map((ref) => pauseOf(results.get(ref)));
    await deps.clock.sleep(Math.max(0, ...pauses), signal);
  }
  return refs.map((ref) => foundOf(results.get(ref)));
}

function pauseOf(read: Read | undefined): number {
  if (read?.kind === 'throttled') return Math.max(1, read.retryAfterMs);
  return !read || read.kind === 'failed' ? pauseMs : 0;
}

function foundOf(read: Read | undefined): Found | undefined {
  switch (read?.kind) {
    case 'found':
    case 'softDeleted':
    case 'missing':
      return read;
    default:
      return undefined;
  }
}

/** Which of these are soft-deleted, by the mirror or else by Graph; deletedItems asks for no type. */
export async function softDeletedAmong(
  audit: Audit,
  refs: readonly ObjectRef[],
): Promise<ReadonlySet<string>> {
  const held = await audit.deps.mirror.currentOf(audit.tenantId, refs);
  const isKnown = (index: number) => held[index]?.mirror.state === 'softDeleted';
  const open = refs.filter((_, index) => !isKnown(index));
  const reads = await readDirectly(audit, open);
  const found = open.filter((_, index) => reads[index]?.kind === 'softDeleted');
  const known = refs.filter((_, index) => isKnown(index));
  return new Set([...known, ...found].map(({ id }) => id));
}
