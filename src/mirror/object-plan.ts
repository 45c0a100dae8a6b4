import type { ObjectType } from '../change.ts';
import { contentHash, storable } from './content.ts';
import { besideGraph } from './facet.ts';
import type { Plan, Update } from './fenced-writes.ts';
import type { MirrorFields, ObjectWrite, StoredObject, WriteResult } from './types.ts';

export interface Batch {
  token: number;
  /** Hash of the property table in force. */
  shape: string;
  /** The mirror is thought to hold nothing of it yet. */
  isNew?: boolean;
}

export type ObjectResult = Pick<WriteResult, 'result' | 'cameAlive'>;

type Settings = Batch & { now: Date; tombstoneKeepMs: number };

/** What a whole read does to the stored document as it was seen (pure). */
export function planObject(
  tenantId: string,
  write: ObjectWrite,
  seen: StoredObject | undefined,
  batch: Settings,
): Plan<ObjectResult> {
  const raised = raisedFields(write, batch);
  // The revision grows with each visible change: while it stands, state and content are as seen.
  const guard = {
    'mirror.revision': seen ? seen.mirror.revision : { $exists: false },
    'mirror.held.hold': seen?.mirror.held?.hold ?? { $exists: false },
  };
  const hold = holdOf(write, seen);
  if (seen && hold !== undefined) {
    const $set = { ...raised, ...heldFields(write, hold, seen.mirror, batch.now) };
    return { result: { result: 'held', cameAlive: false }, guard, update: { $set } };
  }
  const content = write.state === 'active' ? contentOf(write) : undefined;
  const cleared = clearedNames(write);
  const cameAlive = write.state === 'active' && isTakenForGone(seen);
  if (seen && isSame(seen.mirror, write.state, content?.hash)) {
    const due = cameAlive && dueFields(write, cameAlive, batch.now);
    const update = { $set: { ...raised, ...due }, $unset: unset(cleared) };
    return { result: { result: 'same', cameAlive }, guard, update };
  }
  // Joined in place: a copy of so many properties would cost a load more than all the rest of a plan.
  const changed: Record<string, unknown> = Object.assign(content?.properties ?? {}, {
    ...(content ? contentFields(write.type, content) : !seen && emptyFields(batch.shape)),
    ...{ tenantId, id: write.id, 'mirror.state': write.state, ...sourceFields(seen, content) },
    ...{ ...raised, 'mirror.changedAt': batch.now, ...dueFields(write, cameAlive, batch.now) },
    ...unannouncedFields(write, seen, batch.now),
  });
  const result = { result: 'applied' as const, cameAlive };
  return {
    result,
    guard,
    update: visible(changed, write, [...cleared, ...retiredNames(seen, content)], batch),
  };
}

function visible(
  changed: Record<string, unknown>,
  { state }: ObjectWrite,
  cleared: readonly string[],
  { now, tombstoneKeepMs }: Settings,
): Update {
  const $inc = { 'mirror.revision': 1 };
  if (state === 'purged') {
    const expireAt = new Date(now.getTime() + tombstoneKeepMs);
    const $set = { ...changed, 'mirror.expireAt': expireAt };
    return { $set, $unset: unset(cleared), $inc };
  }
  return { $set: changed, $unset: unset([...cleared, 'mirror.expireAt']), $inc };
}

/** The marks of a removal that was not applied go with any read that decides; a loss that was only late, too. */
const clearedNames = ({ notifiedAt }: ObjectWrite): string[] => [
  ...['mirror.held', 'mirror.kept'],
  ...(notifiedAt ? ['mirror.unannouncedAt'] : []),
];

/** What was announced may have met a late replica: then it is the sweep that is right, and nothing was lost. */
function unannouncedFields(write: ObjectWrite, seen: StoredObject | undefined, now: Date) {
  const since = write.unannouncedSince;
  const notifiedAt = seen?.mirror.lastNotifiedAt;
  const isLoss = since && !(notifiedAt && notifiedAt >= since);
  return isLoss ? { 'mirror.unannouncedAt': now } : {};
}

/** Only what is active can be held; a tombstone of anything else is written as it is. */
function holdOf(write: ObjectWrite, seen: StoredObject | undefined): string | undefined {
  return write.state !== 'active' && seen?.mirror.state === 'active' ? write.hold : undefined;
}

/** The first evidence stays; what is kept is not held again. */
function heldFields(write: ObjectWrite, hold: string, { held, kept }: MirrorFields, at: Date) {
  if (held || kept) return {};
  const evidence = write.state === 'softDeleted' ? 'deletedItems' : 'missing';
  return { 'mirror.held': { hold, evidence, at } };
}

const isTakenForGone = (seen: StoredObject | undefined): boolean =>
  seen?.mirror.state !== 'active' || (seen.mirror.held ?? seen.mirror.kept) !== undefined;

/** What SCIM said before is weighed anew against what Graph says now. */
function sourceFields(seen: StoredObject | undefined, content: Content | undefined) {
  const held = seen?.mirror.scim;
  if (!held) return { 'mirror.source': 'graph' };
  if (!content) return {};
  const { source, facet } = besideGraph(content.properties, content.managerId, held);
  return { 'mirror.source': source, 'mirror.scim': facet };
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
function dueFields(write: ObjectWrite, cameAlive: boolean, now: Date) {
  const isDue = write.state === 'active' ? cameAlive && !write.fromPage : write.type === 'user';
  return isDue ? { 'mirror.edgesDue': { since: now, looks: 0 } } : {};
}

/** What goes beside its properties. */
function contentFields(type: ObjectType, content: Content): Record<string, unknown> {
  const { properties, managerId, hash } = content;
  const lower = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' ? value.toLowerCase() : null;
  };
  const names = { 'mirror.upn': lower('userPrincipalName'), 'mirror.mail': lower('mail') };
  return { managerId, 'mirror.contentHash': hash, ...(type === 'user' && names) };
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

const unset = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '']));
