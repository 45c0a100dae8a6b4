import type { Collection } from 'mongodb';
import { keyOf } from './record-key.ts';
import type { StoredRecord } from './types.ts';

/** A record in the hands of one worker. */
export interface Claimed {
  record: StoredRecord;
  epoch: number;
}

/** Taking a record for one worker, and giving it back. */
export function claimsOf(records: Collection<StoredRecord>) {
  return {
    /** Takes a record for one worker; `busy` while another has it. MongoDB's time decides. */
    async claim(
      tenantId: string,
      employeeId: string,
      forMs: number,
    ): Promise<Claimed | 'busy' | 'absent'> {
      const _id = keyOf(tenantId, employeeId);
      const record = await records.findOneAndUpdate(
        { _id, $expr: { $lte: ['$claimUntil', '$$NOW'] } },
        [
          {
            $set: {
              claimEpoch: { $add: ['$claimEpoch', 1] },
              claimUntil: { $add: ['$$NOW', forMs] },
            },
          },
        ],
        { returnDocument: 'after' },
      );
      if (record) return { record, epoch: record.claimEpoch };
      return (await records.findOne({ _id })) ? 'busy' : 'absent';
    },

    /** False where another worker has taken the record meanwhile: nothing more may be written. */
    async prolong(claimed: Claimed, forMs: number): Promise<boolean> {
      const { matchedCount } = await records.updateOne(own(claimed), [
        { $set: { claimUntil: { $add: ['$$NOW', forMs] } } },
      ]);
      return matchedCount > 0;
    },

    ...holding(records),
  };
}

const own = ({ record, epoch }: Claimed) => ({ _id: record._id, claimEpoch: epoch });

function holding(records: Collection<StoredRecord>) {
  return {
    /** Notes what is known so far; the record stays claimed. */
    async note(claimed: Claimed, fields: Partial<StoredRecord>): Promise<void> {
      await records.updateOne(own(claimed), { $set: fields });
      Object.assign(claimed.record, fields);
    },

    /** Gives the record back. A state is not set where a newer revision has come meanwhile. */
    async release(claimed: Claimed, fields: Partial<StoredRecord> = {}): Promise<void> {
      const free = { claimUntil: new Date(0) };
      const { revision } = claimed.record;
      const { matchedCount } = await records.updateOne(
        { ...own(claimed), revision },
        { $set: { ...fields, ...free } },
      );
      if (matchedCount > 0) return;
      const others = { ...fields };
      delete others.state;
      delete others.reason;
      await records.updateOne(own(claimed), { $set: { ...others, ...free } });
    },

    /** HR has deleted it: nothing of the person stays. */
    async remove({ record, epoch }: Claimed): Promise<void> {
      await records.deleteOne({ _id: record._id, claimEpoch: epoch, state: 'removing' });
    },
  };
}
