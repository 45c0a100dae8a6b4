import type { UpdateFilter } from 'mongodb';
import type { ObjectType } from '../change.ts';
import type { MirrorDeps } from './deps.ts';
import { isDuplicateKey } from './fenced-writes.ts';
import { thinLinks } from './links.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { Checkpoint, KeptLink } from './types.ts';

export async function checkpoint(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
): Promise<Checkpoint | undefined> {
  const _id = checkpointKey(tenantId, type);
  return (await collections.checkpoints.findOne({ _id })) ?? undefined;
}

/**
 * Begins a load or full pass with a fresh link; older ones are of another property set, dead, or
 * needless. False, as from every save below, where a later epoch has written: the lease is lost.
 */
export async function beginPass(
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  begin: { link: string; token: number; shape: string; cause: string },
  epoch: number,
): Promise<boolean> {
  const { token, cause, shape } = begin;
  const at = await now(deps);
  const link = { link: begin.link, at };
  const counts = { walks: 0, objects: 0, edges: 0 };
  const pass = { startedAt: at, link, stage: 'objects' as const, token, ...counts, cause };
  const $set = { tenantId, type, shape, links: [link], pass };
  const $unset = { sweptAt: '', passRequested: '' } as const;
  const key = checkpointKey(tenantId, type);
  return save(deps, key, epoch, { $set, $unset }, { upsert: true });
}

export async function savePass(
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  pass: NonNullable<Checkpoint['pass']>,
  epoch: number,
): Promise<boolean> {
  // Replaced as one value: a cursor that is absent now must not survive from the stage before.
  const $set = { pass: withoutUndefined(pass) };
  return save(deps, checkpointKey(tenantId, type), epoch, { $set });
}

/** Keeps a quick round's new link. */
export async function keepLink(
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  link: string,
  epoch: number,
): Promise<boolean> {
  const stored = await checkpoint(deps, tenantId, type);
  const links = await withLink(deps, stored, link, stored?.sweptAt);
  return save(deps, checkpointKey(tenantId, type), epoch, { $set: { links } });
}

/**
 * Keeps a finished sweep: its begin and its new link in one write. Requests from before its begin
 * are served.
 */
export async function finishSweep(
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  sweep: { link: string; beganAt: Date },
  epoch: number,
): Promise<boolean> {
  const { beganAt } = sweep;
  const key = checkpointKey(tenantId, type);
  const stored = await checkpoint(deps, tenantId, type);
  const links = await withLink(deps, stored, sweep.link, beganAt);
  const saved = await save(deps, key, epoch, { $set: { links, sweptAt: beganAt } });
  if (saved && stored?.sweepRequestedAt)
    await deps.collections.checkpoints.updateOne(
      { _id: key, sweepRequestedAt: { $lt: beganAt } },
      { $unset: { sweepRequestedAt: '' } },
    );
  return saved;
}

async function withLink(
  deps: MirrorDeps,
  stored: Checkpoint | undefined,
  link: string,
  sweptAt: Date | undefined,
): Promise<KeptLink[]> {
  const links = [...(stored?.links ?? []), { link, at: await now(deps) }];
  return thinLinks(links, sweptAt, { keepMs: deps.linkKeepMs, spacingMs: deps.linkSpacingMs });
}

/** Saves under the epoch of the one lease that a checkpoint is written under. */
async function save(
  { collections }: MirrorDeps,
  key: string,
  epoch: number,
  { $set, ...update }: UpdateFilter<Checkpoint>,
  options: { upsert?: boolean } = {},
): Promise<boolean> {
  const owned = { _id: key, epoch: { $not: { $gt: epoch } } };
  const saving = { ...update, $set: { ...$set, epoch } };
  try {
    const { matchedCount, upsertedCount } = await retryOnce(() =>
      collections.checkpoints.updateOne(owned, saving, options),
    );
    return matchedCount + upsertedCount > 0;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Asks for a sweep of users and of groups; the next one that begins serves it. */
export async function requestSweep(deps: MirrorDeps, tenantId: string): Promise<void> {
  const wanted = { sweepRequestedAt: await now(deps) };
  await request(deps, tenantId, 'user', wanted);
  await request(deps, tenantId, 'group', wanted);
}

/** Asks for a full pass; its begin clears the request. */
export async function requestPass(
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  cause: string,
): Promise<void> {
  await request(deps, tenantId, type, { passRequested: cause });
}

async function request(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  $set: Partial<Checkpoint>,
): Promise<void> {
  const blank = { tenantId, type, shape: '', links: [] };
  await retryOnce(() =>
    collections.checkpoints.updateOne(
      { _id: checkpointKey(tenantId, type) },
      { $set, $setOnInsert: blank },
      { upsert: true },
    ),
  );
}

const checkpointKey = (tenantId: string, type: ObjectType): string => `${tenantId}/${type}s`;

function withoutUndefined<Value extends object>(value: Value): Value {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Value;
}
