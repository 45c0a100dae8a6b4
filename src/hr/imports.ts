import type { Collection, Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';

/** `hrImports`: many records that one file or one POST brought. */
interface StoredImport {
  _id: string;
  tenantId: string;
  /** People whom it changes. */
  changed: number;
  /** More than these wait for a person. */
  limit: number;
  state: 'gathering' | 'held' | 'released' | 'rejected';
  at: Date;
}

export function openImports({ db, clock }: { db: Db; clock: Clock }) {
  const imports: Collection<StoredImport> = db.collection('hrImports');
  return {
    /** Counts people whom an import changes, over all its parts, and tells where it stands then. */
    async count(
      tenantId: string,
      importId: string,
      { changed, limit, isLast }: { changed: number; limit: number; isLast: boolean },
    ): Promise<StoredImport['state']> {
      const at = new Date(clock.now());
      const found = await imports.findOneAndUpdate(
        { _id: importId },
        { $inc: { changed }, $setOnInsert: { tenantId, limit, state: 'gathering', at } },
        { upsert: true, returnDocument: 'after' },
      );
      const counted = found?.changed ?? changed;
      if (found?.state === 'held' || found?.state === 'rejected') return found.state;
      const state = counted > (found?.limit ?? limit) ? 'held' : isLast ? 'released' : 'gathering';
      await imports.updateOne({ _id: importId }, { $set: { state } });
      return state;
    },

    /** A person's word on what is held; undefined where nothing is. */
    async decide(importId: string, state: 'released' | 'rejected'): Promise<boolean> {
      const waiting: StoredImport['state'][] = ['held', 'gathering'];
      const filter = { _id: importId, state: { $in: waiting } };
      const { matchedCount } = await imports.updateOne(filter, { $set: { state } });
      return matchedCount > 0;
    },

    undecided: (tenantId: string): Promise<StoredImport[]> =>
      imports.find({ tenantId, state: { $in: ['held', 'gathering'] } }).toArray(),
  };
}
