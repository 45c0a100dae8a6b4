import type { Db, UpdateFilter } from 'mongodb';
import type { ObjectType } from '../change.ts';
import type { Collections } from './collections.ts';
import { isDuplicateKey } from './fenced-writes.ts';
import { thinLinks } from './links.ts';
import { retryOnce } from './retry.ts';
import type { Checkpoint } from './types.ts';

/** Saves are guarded by the epoch of the one lease under which a tenant's type is synchronised. */
export function createCheckpoints(deps: { db: Db; collections: Collections; linkKeepMs: number }) {
  const { checkpoints } = deps.collections;

  /** MongoDB's time. */
  async function now(): Promise<Date> {
    const { localTime } = await retryOnce(() => deps.db.command({ hello: 1 }));
    return localTime as Date;
  }

  async function checkpoint(tenantId: string, type: ObjectType): Promise<Checkpoint | undefined> {
    return (await checkpoints.findOne({ _id: checkpointKey(tenantId, type) })) ?? undefined;
  }

  /** False where a later epoch has written: the lease is lost. */
  async function save(
    tenantId: string,
    type: ObjectType,
    epoch: number,
    update: UpdateFilter<Checkpoint>,
    options: { upsert?: boolean } = {},
  ): Promise<boolean> {
    const owned = { _id: checkpointKey(tenantId, type), epoch: { $lte: epoch } };
    const $set = { ...update.$set, tenantId, type, epoch };
    try {
      const saved = await retryOnce(() =>
        checkpoints.updateOne(owned, { ...update, $set }, options),
      );
      return saved.matchedCount + saved.upsertedCount > 0;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** A pass is begun with a fresh link; older ones are of another property set or dead. */
  async function beginPass(
    tenantId: string,
    type: ObjectType,
    begin: { link: string; token: number; shape: string; cause: string },
    epoch: number,
  ): Promise<boolean> {
    const at = await now();
    const link = { link: begin.link, at };
    const { token, cause, shape } = begin;
    const counts = { walks: 0, objects: 0, edges: 0 };
    const pass = { startedAt: at, link, stage: 'objects' as const, token, ...counts, cause };
    const update = {
      $set: { shape, links: [link], pass },
      $unset: { sweptAt: '', passRequested: '' },
    };
    return save(tenantId, type, epoch, update as UpdateFilter<Checkpoint>, { upsert: true });
  }

  async function savePass(
    tenantId: string,
    type: ObjectType,
    pass: NonNullable<Checkpoint['pass']>,
    epoch: number,
  ): Promise<boolean> {
    // The pass is replaced as one value: a cursor that is absent now must not survive from before.
    return save(tenantId, type, epoch, { $set: { pass: withoutUndefined(pass) } });
  }

  async function withLink(tenantId: string, type: ObjectType, link: string, sweptAt?: Date) {
    const [before, at] = await Promise.all([checkpoint(tenantId, type), now()]);
    const links = [...(before?.links ?? []), { link, at }];
    return { before, links: thinLinks(links, sweptAt ?? before?.sweptAt, deps.linkKeepMs) };
  }

  /** Keeps a quick round's new link. */
  async function keepLink(
    tenantId: string,
    type: ObjectType,
    link: string,
    epoch: number,
  ): Promise<boolean> {
    const { links } = await withLink(tenantId, type, link);
    return save(tenantId, type, epoch, { $set: { links } });
  }

  /** A finished sweep: its begin and its new link in one write. Requests older than its begin are served. */
  async function finishSweep(
    tenantId: string,
    type: ObjectType,
    sweep: { link: string; beganAt: Date },
    epoch: number,
  ): Promise<boolean> {
    const { before, links } = await withLink(tenantId, type, sweep.link, sweep.beganAt);
    const saved = await save(tenantId, type, epoch, { $set: { links, sweptAt: sweep.beganAt } });
    if (saved && before?.sweepRequestedAt)
      await checkpoints.updateOne(
        { _id: before._id, sweepRequestedAt: { $lt: sweep.beganAt } },
        { $unset: { sweepRequestedAt: '' } },
      );
    return saved;
  }

  async function request(tenantId: string, type: ObjectType, update: UpdateFilter<Checkpoint>) {
    const blank = { tenantId, type, epoch: 0, shape: '', links: [] };
    await retryOnce(() =>
      checkpoints.updateOne(
        { _id: checkpointKey(tenantId, type) },
        { ...update, $setOnInsert: blank },
        { upsert: true },
      ),
    );
  }

  async function requestSweep(tenantId: string): Promise<void> {
    const update = { $set: { sweepRequestedAt: await now() } };
    await request(tenantId, 'user', update);
    await request(tenantId, 'group', update);
  }

  const requestPass = (tenantId: string, type: ObjectType, cause: string): Promise<void> =>
    request(tenantId, type, { $set: { passRequested: cause } });

  return {
    now,
    checkpoint,
    beginPass,
    savePass,
    keepLink,
    finishSweep,
    requestSweep,
    requestPass,
  };
}

const checkpointKey = (tenantId: string, type: ObjectType): string => `${tenantId}/${type}s`;

function withoutUndefined<Value extends object>(value: Value): Value {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Value;
}
