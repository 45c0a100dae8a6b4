import type { ObjectType } from '../change.ts';
import { contentHash, storable } from './content.ts';
import type { Plan } from './fenced-writes.ts';
import type { MirrorFields, ObjectWrite, StoredObject, WriteResult } from './types.ts';

export interface Batch {
  token: number;
  /** Hash of the property table in force. */
  shape: string;
}

export type ObjectResult = Pick<WriteResult, 'result' | 'cameAlive'>;

/** What a whole read does to the stored document as it was seen (pure). */
export function planObject(
  tenantId: string,
  write: ObjectWrite,
  seen: StoredObject | undefined,
  batch: Batch & { now: Date; tombstoneKeepMs: number },
): Plan<ObjectResult> {
  const content = write.state === 'active' ? contentOf(write) : undefined;
  const raised = raisedFields(write, batch);
  // The revision grows with each visible change: while it stands, state and content are as seen.
  const guard = { 'mirror.revision': seen ? seen.mirror.revision : { $exists: false } };
  if (seen && isSame(seen.mirror, write.state, content?.hash))
    return { result: { result: 'same', cameAlive: false }, guard, update: { $set: raised } };

  const cameAlive = write.state === 'active' && seen?.mirror.state !== 'active';
  const isDue = edgesAreDue(write, cameAlive);
  const changed = {
    ...(content ? contentFields(write.type, content) : !seen && emptyFields(batch.shape)),
    ...{ tenantId, id: write.id, 'mirror.state': write.state, 'mirror.source': 'graph' },
    'mirror.changedAt': batch.now,
    ...(isDue && { 'mirror.edgesDue': { since: batch.now, looks: 0 } }),
  };
  const expireAt = new Date(batch.now.getTime() + batch.tombstoneKeepMs);
  const update =
    write.state === 'purged'
      ? { $set: { ...changed, ...raised, 'mirror.expireAt': expireAt } }
      : {
          $set: { ...changed, ...raised },
          $unset: unset([...retiredNames(seen, content), 'mirror.expireAt']),
        };
  const result = { result: 'applied' as const, cameAlive };
  return { result, guard, update: { ...update, $inc: { 'mirror.revision': 1 } } };
}

/** What every read tells, one that finds nothing new too. */
const raisedFields = (write: ObjectWrite, { token, shape, now }: Batch & { now: Date }) => ({
  'mirror.fence': token,
  'mirror.observedAt': now,
  ...(write.notifiedAt && { 'mirror.lastNotifiedAt': write.notifiedAt }),
  ...(write.state === 'active' && { 'mirror.shape': shape }),
});

interface Content {
  properties: Record<string, unknown>;
  managerId: string | null;
  hash: string;
}

function contentOf(write: ObjectWrite & { state: 'active' }): Content {
  const properties = storable(write.properties);
  const { managerId } = write;
  return { properties, managerId, hash: contentHash(properties, managerId) };
}

function isSame(seen: MirrorFields, state: string, hash: string | undefined): boolean {
  return seen.state === state && (hash === undefined || seen.contentHash === hash);
}

/**
 * Whoever comes alive other than by a load's page may have edges that no delta will show again; so
 * may a person who is found gone.
 */
function edgesAreDue(write: ObjectWrite, cameAlive: boolean): boolean {
  if (write.state === 'active') return cameAlive && !write.fromPage;
  return write.type === 'user';
}

function contentFields(type: ObjectType, content: Content): Record<string, unknown> {
  const { properties, managerId, hash } = content;
  const lower = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const names = { 'mirror.upn': lower('userPrincipalName'), 'mirror.mail': lower('mail') };
  const ours = { managerId, 'mirror.contentHash': hash, ...(type === 'user' && names) };
  return { ...properties, ...ours };
}

/** A tombstone of what was never held has no content. */
const emptyFields = (shape: string) => ({ 'mirror.contentHash': '', 'mirror.shape': shape });

/**
 * Properties that the table no longer names must not stay behind with an old value. They are seen
 * only where another table wrote the document.
 */
function retiredNames(seen: StoredObject | undefined, content: Content | undefined): string[] {
  if (!seen || !content) return [];
  return Object.keys(storable(seen)).filter((name) => !Object.hasOwn(content.properties, name));
}

const unset = (names: string[]) => Object.fromEntries(names.map((name) => [name, '']));
