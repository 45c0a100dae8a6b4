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
