import type { Collection, Db } from 'mongodb';

interface StoredNickname {
  /** `<tenantId>/<nickname>` */
  _id: string;
  employeeId: string;
}

/** Which nickname was given to whom: nobody else gets it afterwards, also not while both are being made. */
export function openNicknames(db: Db) {
  const nicknames: Collection<StoredNickname> = db.collection('hrNicknames');
  return {
    async holder(tenantId: string, nickname: string): Promise<string | undefined> {
      const found = await nicknames.findOne({ _id: `${tenantId}/${nickname}` });
      return found?.employeeId;
    },

    /** Those that were given to these employees. */
    async of(tenantId: string, employeeIds: readonly string[]): Promise<string[]> {
      const found = await nicknames.find(givenTo(tenantId, employeeIds)).toArray();
      return found.map(({ _id }) => _id.slice(tenantId.length + 1));
    },

    /** Forgets who had them: they may be given anew. */
    async forget(tenantId: string, employeeIds: readonly string[]): Promise<void> {
      await nicknames.deleteMany(givenTo(tenantId, employeeIds));
    },

    /** False where another has it. */
    async reserve(tenantId: string, nickname: string, employeeId: string): Promise<boolean> {
      const _id = `${tenantId}/${nickname}`;
      const found = await nicknames.findOneAndUpdate(
        { _id },
        { $setOnInsert: { employeeId } },
        { upsert: true, returnDocument: 'after' },
      );
      return found?.employeeId === employeeId;
    },
  };
}

const givenTo = (tenantId: string, employeeIds: readonly string[]) => ({
  // `0` is the character that follows `/`.
  _id: { $gt: `${tenantId}/`, $lt: `${tenantId}0` },
  employeeId: { $in: [...employeeIds] },
});
