import { MongoBulkWriteError, type AnyBulkWriteOperation, type Collection } from 'mongodb';
import { createGather } from '../ops/gather.ts';
import { joined, type MemberChange } from './patch/members.ts';
import type { MemberIntent, StoredMember, StoredResource, WriteMethod } from './types.ts';

type Members = Collection<StoredMember>;
type Group = Pick<StoredResource, '_id' | 'connectionId' | 'id'>;

type Groups = Collection<StoredResource>;

/**
 * Members of groups. A change is first noted in the group's document, where it gets its place in the
 * order, and then carried out edge by edge; whatever stops in between is carried on by whoever finds it.
 */
export const createMemberStore = (members: Members, groups: Groups, now: () => Date) => ({
  ...reading(members),
  ...writing(members, groups, now),
  ...showing(members),
});

function reading(members: Members) {
  const present = createGather(
    async (asked: (readonly string[])[]) => {
      const ofKeys = { _id: { $in: [...new Set(asked.flat())] }, present: true };
      const found = await members.find(ofKeys, { projection: { _id: 1 } }).toArray();
      const known = new Set(found.map(({ _id }) => _id));
      return asked.map(() => known);
    },
    { most: 2_000, weightOf: ({ length }) => length },
  );
  return {
    /** Which of these are members. */
    async among(group: Group, ids: readonly string[]): Promise<Set<string>> {
      const known = await present(ids.map((memberId) => `${group._id}/${memberId}`));
      return new Set(ids.filter((memberId) => known.has(`${group._id}/${memberId}`)));
    },

    count: (connectionId: string, groupId: string): Promise<number> =>
      members.countDocuments({ connectionId, groupId, present: true }),

    /** In order of their ids. */
    of: (connectionId: string, groupIds: readonly string[]): Promise<StoredMember[]> =>
      members
        .find({ connectionId, groupId: { $in: [...groupIds] }, present: true })
        .sort({ groupId: 1, memberId: 1 })
        .toArray(),

    ofPeople: (connectionId: string, memberIds: readonly string[]): Promise<StoredMember[]> =>
      members
        .find({ connectionId, memberId: { $in: [...memberIds] }, present: true })
        .sort({ memberId: 1, groupId: 1 })
        .toArray(),

    async groupsWith(connectionId: string, memberId: string): Promise<string[]> {
      const found = members.find({ connectionId, memberId, present: true });
      return (await found.toArray()).map(({ groupId }) => groupId);
    },
  };
}

function writing(members: Members, groups: Groups, now: () => Date) {
  // Changes of one group that come at the same time become one.
  const inTurn = createGather(
    async (changes: { group: Group; change: MemberChange; by: WriteMethod }[]) => {
      const [first] = changes;
      if (!first) return [];
      const { group, by } = first;
      const at = now();
      const whole = changes.map(({ change }) => change).reduce(joined);
      const intent = await intend(groups, group, whole, { at, by });
      if (intent) await carryOut(members, groups, { group, intent, at });
      return changes.map(() => intent?.seq);
    },
    { most: 5_000, weightOf: ({ change: { add, remove } }) => add.length + remove.length },
  );
  return {
    /** The first half of a change: undefined where the group is gone. */
    intend: (
      group: Group,
      change: MemberChange,
      by: WriteMethod,
    ): Promise<MemberIntent | undefined> => intend(groups, group, change, { at: now(), by }),

    /** The group's revision after it; undefined where the group is gone. */
    change: (group: Group, change: MemberChange, by: WriteMethod): Promise<number | undefined> =>
      inTurn({ group, change, by }, group._id),

    /** Repeating it changes nothing. */
    carryOut: (group: Group, intent: MemberIntent): Promise<void> =>
      carryOut(members, groups, { group, intent, at: now() }),

    /** Whoever was deleted leaves every group, and a deleted group loses its members. */
    async endAllOf(connectionId: string, id: string): Promise<void> {
      const inGroups = { connectionId, memberId: id, present: true };
      const left = await members.find(inGroups).toArray();
      const at = now();
      const end = { $set: { present: false, changedAt: at, due: true }, $inc: { revision: 1 } };
      await members.updateMany(inGroups, end);
      await members.updateMany({ connectionId, groupId: id, present: true }, end);
      const keys = left.map(({ groupId }) => `${connectionId}/${groupId}`);
      if (keys.length === 0) return;
      const changed = { $inc: { revision: 1 }, $set: { changedAt: at } };
      await groups.updateMany({ _id: { $in: keys } }, changed);
    },

    async removeAll(connectionId: string): Promise<void> {
      await members.deleteMany({ connectionId });
    },
  };
}

/** What the mirror has to be brought up to. */
function showing(members: Members) {
  return {
    due: (limit: number): Promise<StoredMember[]> =>
      members.find({ due: true }).limit(limit).toArray(),

    /** Memberships of a person, or in a group, are to be shown anew. */
    async setDue(connectionId: string, of: { memberId: string } | { groupId: string }) {
      await members.updateMany(
        { connectionId, ...of, present: true },
        { $set: { due: true }, $inc: { revision: 1 } },
      );
    },

    async settle(shown: readonly { member: StoredMember; shown: string | null }[]): Promise<void> {
      if (shown.length === 0) return;
      await members.bulkWrite(
        shown.map(({ member: { _id, revision }, shown: id }) => ({
          updateOne: { filter: { _id, revision }, update: { $set: { due: false, shown: id } } },
        })),
        { ordered: false },
      );
    },
  };
}

/** Notes a change in the group's document, which gives it its place; undefined where that is gone. */
async function intend(
  groups: Groups,
  { _id }: Group,
  change: MemberChange,
  { at, by }: { at: Date; by: WriteMethod },
): Promise<MemberIntent | undefined> {
  const next = { $add: ['$revision', 1] };
  const intent = { seq: next, ...literal(change) };
  const pending = { $concatArrays: [{ $ifNull: ['$pending', []] }, [intent]] };
  const after = await groups.findOneAndUpdate(
    { _id, live: true },
    [{ $set: { revision: next, changedAt: at, writtenBy: by, due: true, pending } }],
    { returnDocument: 'after', projection: { revision: 1, pending: 1 } },
  );
  return after?.pending?.find(({ seq }) => seq === after.revision);
}

async function carryOut(
  members: Members,
  groups: Groups,
  { group, intent, at }: { group: Group; intent: MemberIntent; at: Date },
): Promise<void> {
  if (intent.replaces) await endOthers(members, group, intent, at);
  await writeEdges(members, [
    ...intent.add.map((id) => edgeWrite(group, id, { present: true, intent, at })),
    ...intent.remove.map((id) => edgeWrite(group, id, { present: false, intent, at })),
  ]);
  await groups.updateOne({ _id: group._id }, { $pull: { pending: { seq: intent.seq } } });
}

/** Ids come from outside: in a pipeline they could be taken for names of fields. */
const literal = ({ replaces, add, remove }: MemberChange) => ({
  replaces: { $literal: replaces },
  add: { $literal: add },
  remove: { $literal: remove },
});

async function endOthers(members: Members, group: Group, { seq, add }: MemberIntent, at: Date) {
  const { connectionId, id: groupId } = group;
  await members.updateMany(
    { connectionId, groupId, present: true, seq: { $lt: seq }, memberId: { $nin: add } },
    { $set: { present: false, seq, changedAt: at, due: true }, $inc: { revision: 1 } },
  );
}

function edgeWrite(
  { connectionId, id: groupId }: Group,
  memberId: string,
  { present, intent: { seq }, at }: { present: boolean; intent: MemberIntent; at: Date },
) {
  return {
    filter: { _id: `${connectionId}/${groupId}/${memberId}`, seq: { $lt: seq } },
    update: {
      $set: { connectionId, groupId, memberId, present, seq, changedAt: at, due: true },
      $inc: { revision: 1 },
    },
    // What was never there need not be ended.
    upsert: present,
  };
}

/** Code 11000 tells only that the edge exists; a later change of it stands. */
async function writeEdges(members: Members, writes: ReturnType<typeof edgeWrite>[]): Promise<void> {
  if (writes.length === 0) return;
  const operations = (upserting: boolean): AnyBulkWriteOperation<StoredMember>[] =>
    writes.map((write) => ({ updateOne: { ...write, upsert: upserting && write.upsert } }));
  try {
    await members.bulkWrite(operations(true), { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.code !== 11_000) throw error;
    await members.bulkWrite(operations(false), { ordered: false });
  }
}
