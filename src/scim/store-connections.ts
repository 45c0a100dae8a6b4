import type { Collection } from 'mongodb';
import { createGather } from '../ops/gather.ts';
import type { Activity, StoredConnection, StoredSecret } from './types.ts';

export type ConnectionStore = ReturnType<typeof createConnectionStore>;
type Changes = Partial<
  Pick<
    StoredConnection,
    | 'name'
    | 'mode'
    | 'tenantId'
    | 'paused'
    | 'users'
    | 'groups'
    | 'attributes'
    | 'consent'
    | 'proving'
    | 'granted'
  >
>;

const keptHistory = 50;

/** Connections by id; what is done to one is noted in its history. */
export const createConnectionStore = (records: Collection<StoredConnection>) => ({
  ...life(records),
  ...use(records),
});

function life(records: Collection<StoredConnection>) {
  return {
    insert: async (connection: StoredConnection): Promise<void> => {
      await records.insertOne(connection);
    },

    find: async (id: string): Promise<StoredConnection | undefined> =>
      (await records.findOne({ _id: id })) ?? undefined,

    list: (): Promise<StoredConnection[]> => records.find().sort({ name: 1, _id: 1 }).toArray(),

    async change(id: string, changes: Changes, entry: { at: Date; what: string }): Promise<void> {
      await records.updateOne({ _id: id }, { $set: changes, $push: noted(entry) });
    },

    /** False where the secrets are no longer those that were seen. */
    async setSecrets(
      { _id, secrets: seen }: StoredConnection,
      secrets: StoredSecret[],
      entry: { at: Date; what: string },
    ): Promise<boolean> {
      const asSeen = { 'secrets.keyId': { $all: seen.map(({ keyId }) => keyId) } };
      const { matchedCount } = await records.updateOne(
        { _id, secrets: { $size: seen.length }, ...(seen.length > 0 && asSeen) },
        { $set: { secrets }, $push: noted(entry) },
      );
      return matchedCount > 0;
    },

    remove: async (id: string): Promise<void> => {
      await records.deleteOne({ _id: id });
    },
  };
}

function use(records: Collection<StoredConnection>) {
  // Nothing is remembered, so that a revocation acts at once, whichever process it came to.
  const bySecret = createGather(async (keyIds: string[]) => {
    const found = await records.find({ 'secrets.keyId': { $in: [...new Set(keyIds)] } }).toArray();
    return keyIds.map((keyId) => found.find(({ secrets }) => secrets.some(has(keyId))));
  });
  return {
    findBySecret: (keyId: string): Promise<StoredConnection | undefined> => bySecret(keyId),

    async noteUse(id: string, keyId: string, at: Date): Promise<void> {
      await records.updateOne(
        { _id: id, 'secrets.keyId': keyId },
        { $max: { 'secrets.$.lastUsedAt': at } },
      );
    },

    /** False where another process has noted meanwhile. */
    async setActivity(id: string, seenVersion: number, activity: Activity): Promise<boolean> {
      const { matchedCount } = await records.updateOne(
        { _id: id, 'activity.version': seenVersion },
        { $set: { activity } },
      );
      return matchedCount > 0;
    },

    async endProof(id: string, entry: { at: Date; what: string }): Promise<void> {
      await records.updateOne({ _id: id }, { $unset: { proving: '' }, $push: noted(entry) });
    },

    async setFollowed(id: string, type: 'user' | 'group', at: Date): Promise<void> {
      await records.updateOne({ _id: id }, { $max: { [`followed.${type}`]: at } });
    },

    /** Takes an awaited consent, once; false where it is not awaited any more. */
    async takeConsent(id: string, nonce: string, at: Date): Promise<boolean> {
      const { matchedCount } = await records.updateOne(
        { _id: id, 'consent.nonce': nonce, 'consent.endsAt': { $gt: at } },
        { $unset: { consent: '' } },
      );
      return matchedCount > 0;
    },
  };
}

const has =
  (wanted: string) =>
  ({ keyId }: StoredSecret): boolean =>
    keyId === wanted;

const noted = (entry: { at: Date; what: string }) => ({
  history: { $each: [entry], $slice: -keptHistory },
});
