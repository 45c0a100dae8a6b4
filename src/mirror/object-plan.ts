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
  const raised = {
    'mirror.fence': batch.token,
    'mirror.observedAt': batch.now,
    ...(write.notifiedAt && { 'mirror.lastNotifiedAt': write.notifiedAt }),
    ...(content && { 'mirror.shape': batch.shape }),
  };
  // The revision grows with each visible change: while it stands, state and content are as seen.
  const guard = { 'mirror.revision': seen ? seen.mirror.revision : { $exists: false } };
  if (seen && isSame(seen.mirror, write.state, content?.hash))
    return { result: { result: 'same', cameAlive: false }, guard, update: { $set: raised } };

  const cameAlive = write.state === 'active' && seen?.mirror.state !== 'active';
  const expires = write.state === 'purged';
  const gone = retiredNames(seen, content?.properties);
  return {
    result: { result: 'applied', cameAlive },
    guard,
    update: {
      $set: {
        ...content?.properties,
        ...(content && { managerId: content.managerId }),
        tenantId,
        id: write.id,
        ...raised,
        'mirror.state': write.state,
        'mirror.changedAt': batch.now,
        'mirror.source': 'graph',
        ...(content ? lookUpFields(write.type, content) : !seen && emptyFields(batch.shape)),
        ...(edgesAreDue(write, cameAlive) && { 'mirror.edgesDue': { since: batch.now, looks: 0 } }),
        ...(expires && { 'mirror.expireAt': later(batch.now, batch.tombstoneKeepMs) }),
      },
      ...((!expires || gone.length > 0) && {
        $unset: unset(expires ? gone : [...gone, 'mirror.expireAt']),
      }),
      $inc: { 'mirror.revision': 1 },
    },
  };
}

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

function lookUpFields(type: ObjectType, { properties, hash }: Content): Record<string, unknown> {
  const lower = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const names = { 'mirror.upn': lower('userPrincipalName'), 'mirror.mail': lower('mail') };
  return { 'mirror.contentHash': hash, ...(type === 'user' && names) };
}

/** A tombstone of what was never held has no content. */
const emptyFields = (shape: string) => ({ 'mirror.contentHash': '', 'mirror.shape': shape });

/** Properties that the table no longer names must not stay behind with an old value. */
function retiredNames(
  seen: StoredObject | undefined,
  properties: Record<string, unknown> | undefined,
): string[] {
  if (!seen || !properties) return [];
  return Object.keys(storable(seen)).filter((name) => !Object.hasOwn(properties, name));
}

const unset = (names: string[]) => Object.fromEntries(names.map((name) => [name, '']));

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
