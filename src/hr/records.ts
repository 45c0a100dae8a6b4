import type { Collection, Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import { claimsOf } from './claims.ts';
import { hashOf, type Employee } from './employee.ts';
import { keyOf } from './record-key.ts';
import type { RecordState, StoredRecord } from './types.ts';

export type Records = Awaited<ReturnType<typeof openRecords>>;

/** What comes with a record that is stored. */
export interface Arrival {
  importId: string | null;
  state: Extract<RecordState, 'waiting' | 'gathering' | 'held'>;
}

interface Whom {
  objectId: string;
  employeeId: string | undefined;
}

/** What HR wants of each person, in the collection `hrEmployees`, its indexes there. */
export async function openRecords({ db, clock }: { db: Db; clock: Clock }) {
  const records: Collection<StoredRecord> = db.collection('hrEmployees');
  await records.createIndexes([
    { key: { tenantId: 1, mail: 1 } },
    { key: { tenantId: 1, state: 1 } },
    { key: { state: 1, receivedAt: 1 } },
    { key: { tenantId: 1, waitsFor: 1 } },
    { key: { importId: 1 } },
  ]);
  return {
    ...intake(records, clock),
    ...claimsOf(records),
    ...lookups(records),
  };
}

function intake(records: Collection<StoredRecord>, clock: Clock) {
  return {
    /** Of these, the stored ones; the others are new. */
    stored: (tenantId: string, employeeIds: readonly string[]): Promise<StoredRecord[]> =>
      records.find({ _id: { $in: employeeIds.map((id) => keyOf(tenantId, id)) } }).toArray(),

    /** Stores records that differ from what is held; each counts as a new revision once. */
    async store(tenantId: string, employees: readonly Employee[], arrival: Arrival) {
      const receivedAt = new Date(clock.now());
      const writes = employees.map((employee) => {
        const hash = hashOf(employee);
        const fields = fieldsOf(tenantId, employee, hash);
        return {
          updateOne: {
            filter: { _id: keyOf(tenantId, employee.employeeId), hash: { $ne: hash } },
            update: {
              $set: { ...fields, ...arrival, receivedAt, ...untried },
              $inc: { revision: 1 },
              $setOnInsert: fresh,
            },
            upsert: true,
          },
        };
      });
      if (writes.length === 0) return;
      await records.bulkWrite(writes, { ordered: false }).catch(unlessDuplicates);
    },

    /** HR no longer has the person; false where it had not. */
    async markRemoved(tenantId: string, employeeId: string): Promise<boolean> {
      const { matchedCount } = await records.updateOne(
        { _id: keyOf(tenantId, employeeId) },
        { $set: { state: 'removing', employee: null, hash: '' }, $inc: { revision: 1 } },
      );
      return matchedCount > 0;
    },

    /** Whom HR has deleted, where nobody has carried that out. */
    async forget(tenantId: string, employeeIds: readonly string[]): Promise<void> {
      const _id = { $in: employeeIds.map((id) => keyOf(tenantId, id)) };
      await records.deleteMany({ _id, employee: null });
    },

    /** Moves all records of an import from one state to another; their employee ids. */
    async moveImport(
      importId: string,
      from: RecordState,
      to: RecordState,
    ): Promise<{ tenantId: string; employeeIds: string[] }> {
      const found = await records.find({ importId, state: from }).toArray();
      // A rejected record that comes again is a new wish, though it says the same.
      const forget = to === 'rejected' ? { hash: '' } : {};
      await records.updateMany({ importId, state: from }, { $set: { state: to, ...forget } });
      return {
        tenantId: found[0]?.tenantId ?? '',
        employeeIds: found.map(({ employeeId }) => employeeId),
      };
    },
  };
}

function lookups(records: Collection<StoredRecord>) {
  return {
    /** By employee id or work mail, whatever its case. */
    find: (tenantId: string, key: string): Promise<StoredRecord | null> =>
      records.findOne({
        tenantId,
        $or: [{ _id: keyOf(tenantId, key) }, { mail: key.toLowerCase() }],
      }),

    /** Of a person of Entra, who may have one by another employee id as well. */
    ofPerson: (tenantId: string, { objectId, employeeId }: Whom): Promise<StoredRecord[]> =>
      records
        .find({
          tenantId,
          $or: [
            { objectId },
            ...(employeeId === undefined ? [] : [{ _id: keyOf(tenantId, employeeId) }]),
          ],
        })
        .toArray(),

    /** Employees whose manager was awaited under one of these names. */
    async waitingFor(tenantId: string, names: readonly string[]): Promise<string[]> {
      const found = await records.find({ tenantId, waitsFor: { $in: [...names] } }).toArray();
      return found.map(({ employeeId }) => employeeId);
    },

    /** Employees by tenant, of records that came before then and that nobody has tried. */
    async overdue(before: Date): Promise<Map<string, string[]>> {
      const filter = { state: 'waiting' as const, trouble: null, receivedAt: { $lt: before } };
      const byTenant = new Map<string, string[]>();
      for (const { tenantId, employeeId } of await records.find(filter).limit(1_000).toArray()) {
        byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), employeeId]);
      }
      return byTenant;
    },

    async inState(tenantId: string, states: readonly RecordState[]): Promise<string[]> {
      const found = await records.find({ tenantId, state: { $in: [...states] } }).toArray();
      return found.map(({ employeeId }) => employeeId);
    },

    async counts(tenantId: string) {
      const count = (filter: object) => records.countDocuments({ tenantId, ...filter });
      const states = ['waiting', 'gathering', 'held', 'written', 'verified', 'refused', 'failed'];
      const counted = await Promise.all(
        states.map(async (state) => [state, await count({ state })] as const),
      );
      return {
        ...(Object.fromEntries(counted) as Record<string, number>),
        waitingForManager: await count({ waitsFor: { $ne: null } }),
        troubled: await count({ state: 'waiting', trouble: { $ne: null } }),
      };
    },
  };
}

function fieldsOf(tenantId: string, employee: Employee, hash: string) {
  const { employeeId, workMail } = employee;
  return { tenantId, employeeId, mail: workMail.toLowerCase(), employee, hash };
}

/** A new revision has been refused by nothing yet. */
const untried = { reason: null, trouble: null, unsupported: [], rewrites: 0 };
const fresh = {
  ...{ doneRevision: 0, objectId: null, createdAt: null, waitsFor: null, log: [] },
  ...{ writtenAt: null, verifiedAt: null, mirroredAt: null },
  ...{ claimEpoch: 0, claimUntil: new Date(0) },
};

/** The same record arrived twice at one moment: the other one has stored it. */
function unlessDuplicates(error: unknown): void {
  const failures = (Object(error) as { writeErrors?: { code?: number }[] }).writeErrors ?? [];
  if (failures.length > 0 && failures.every(({ code }) => code === 11_000)) return;
  throw error;
}
