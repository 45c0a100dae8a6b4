import type { Read } from '../../graph/types.ts';
import { canonical, contentHash, storable } from '../../mirror/content.ts';
import type { StoredObject } from '../../mirror/types.ts';
import { SetDigest } from './digest.ts';

export type Found = Extract<Read, { kind: 'found' | 'softDeleted' | 'missing' }>;

/** The same for a document and for a whole read of what it mirrors; computed from what is stored, not taken from it. */
export function objectDigest(
  state: string,
  properties: Record<string, unknown>,
  managerId: string | null,
): string {
  return state === 'active' ? contentHash(storable(properties), managerId) : state;
}

/**
 * What differs between a read and the document: `state`, `manager` or properties, each with a print
 * of both values by which the same difference is known again.
 */
export function objectDifferences(
  read: Found,
  held: StoredObject | undefined,
  isSoftDeleted: (personId: string) => boolean,
): Record<string, string> {
  const states = [sourceState(read), heldState(held)] as const;
  if (states[0] !== states[1]) return { state: states.join('/') };
  if (read.kind !== 'found' || !held) return {};
  const { properties, managerId } = read.object;
  const differences = propertyDifferences(storable(properties), storable(held));
  const heldManager = held.managerId ?? null;
  if (isOtherManager(managerId, heldManager, isSoftDeleted))
    differences['manager'] = `${managerId}/${heldManager}`;
  return differences;
}

export const sourceState = ({ kind }: Found): string =>
  ({ found: 'active', softDeleted: 'softDeleted', missing: 'absent' })[kind];

export function heldState(held: StoredObject | undefined): string {
  const state = held?.mirror.state ?? 'purged';
  return state === 'purged' ? 'absent' : state;
}

function propertyDifferences(
  source: Record<string, unknown>,
  held: Record<string, unknown>,
): Record<string, string> {
  const names = new Set([...Object.keys(source), ...Object.keys(held)]);
  const values = [...names].map((name) => ({
    name,
    of: [canonical(source[name] ?? null), canonical(held[name] ?? null)],
  }));
  const different = values.filter(({ of: [there, here] }) => there !== here);
  return Object.fromEntries(different.map(({ name, of }) => [name, print(of)]));
}

/** Graph does not show a manager who is soft-deleted: both ways of mirroring that are right. */
function isOtherManager(
  shown: string | null,
  held: string | null,
  isSoftDeleted: (personId: string) => boolean,
): boolean {
  if (shown === held) return false;
  return shown !== null || held === null || !isSoftDeleted(held);
}

function print(values: readonly string[]): string {
  const digest = new SetDigest();
  digest.add(JSON.stringify(values));
  return String(digest);
}

/** The names whose difference was the same at both looks: what changed meanwhile proves nothing. */
export function persisting(
  first: Record<string, string>,
  second: Record<string, string>,
): string[] {
  return Object.keys(second).filter((name) => second[name] === first[name]);
}
