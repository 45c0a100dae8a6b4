import type { Collection, Db } from 'mongodb';
import type {
  StoredActivation,
  StoredSettings,
  StoredTeam,
  StoredTeamMember,
  TeamStatus,
} from './types.ts';

export type TeamStore = Awaited<ReturnType<typeof openTeamStore>>;

/** Teams, their members as last seen, scopes and activations, in collections of their own. */
export async function openTeamStore(db: Db) {
  const teams = db.collection<StoredTeam>('teams');
  const members = db.collection<StoredTeamMember>('teamMembers');
  const settings = db.collection<StoredSettings>('teamSettings');
  const activations = db.collection<StoredActivation>('activations');
  await teams.createIndexes([{ key: { connectionId: 1, name: 1 } }]);
  await members.createIndexes([{ key: { teamId: 1, personKey: 1 } }]);
  return {
    all: () => teams.find().toArray(),
    of: (connectionId: string) => teams.find({ connectionId }).sort({ name: 1 }).toArray(),
    find: async (id: string) => (await teams.findOne({ _id: id })) ?? undefined,
    async put(team: StoredTeam): Promise<void> {
      const { members: which, groupKey, name, ...rest } = team;
      const $set = { members: which, groupKey, name };
      await teams.updateOne({ _id: team._id }, { $set, $setOnInsert: rest }, { upsert: true });
    },
    async setStatus(
      id: string,
      status: TeamStatus,
      more: Partial<Pick<StoredTeam, 'reason' | 'syncedAt' | 'name'>>,
    ): Promise<void> {
      await teams.updateOne({ _id: id }, { $set: { status, ...more } });
    },
    /** Unless it is in use; false then. */
    async remove(id: string, force: boolean): Promise<boolean> {
      const unused = force ? {} : { uses: { $size: 0 } };
      const { deletedCount } = await teams.deleteOne({ _id: id, ...unused });
      if (deletedCount > 0) await members.deleteMany({ teamId: id });
      return deletedCount > 0;
    },
    async use(id: string, ref: string, isUsed: boolean): Promise<void> {
      const change = isUsed ? { $addToSet: { uses: ref } } : { $pull: { uses: ref } };
      await teams.updateOne({ _id: id }, change);
    },
    ...memberships(members),
    ...decisions(settings, activations),
  };
}

function memberships(members: Collection<StoredTeamMember>) {
  return {
    membersOf: (teamId: string, after: string, limit: number) =>
      members
        .find({ teamId, personKey: { $gt: after } })
        .sort({ personKey: 1 })
        .limit(limit)
        .toArray(),
    teamsWith: async (personKeys: readonly string[]): Promise<StoredTeamMember[]> =>
      members.find({ personKey: { $in: [...personKeys] } }).toArray(),
    async allMembers(teamId: string): Promise<Set<string>> {
      const found = await members.find({ teamId }, { projection: { personKey: 1 } }).toArray();
      return new Set(found.map(({ personKey }) => personKey));
    },
    async changeMembers(
      teamId: string,
      { added, gone }: { added: string[]; gone: string[] },
      since: Date,
    ): Promise<void> {
      const keyOf = (personKey: string) => `${teamId}/${personKey}`;
      const inserts = added.map((personKey) => ({
        updateOne: {
          filter: { _id: keyOf(personKey) },
          update: { $setOnInsert: { teamId, personKey, since } },
          upsert: true,
        },
      }));
      const ends = gone.map((personKey) => ({ deleteOne: { filter: { _id: keyOf(personKey) } } }));
      const writes = [...inserts, ...ends];
      if (writes.length > 0) await members.bulkWrite(writes, { ordered: false });
    },
  };
}

const pairs = (connectionIds: readonly string[], personKeys: readonly string[]): string[] =>
  connectionIds.flatMap((id) => personKeys.map((key) => `${id}/${key}`));

function decisions(
  settings: Collection<StoredSettings>,
  activations: Collection<StoredActivation>,
) {
  return {
    scopeOf: async (connectionId: string): Promise<string[] | null> =>
      (await settings.findOne({ _id: connectionId }))?.scope ?? null,
    async setScope(connectionId: string, scope: string[] | null): Promise<void> {
      await settings.updateOne({ _id: connectionId }, { $set: { scope } }, { upsert: true });
    },
    async activated(connectionId: string, personKeys: readonly string[]): Promise<Set<string>> {
      const ids = personKeys.map((key) => `${connectionId}/${key}`);
      const found = await activations.find({ _id: { $in: ids } }).toArray();
      return new Set(found.map(({ _id }) => _id.slice(connectionId.length + 1)));
    },
    activationsOf: (connectionIds: readonly string[], keys: readonly string[]) =>
      activations.find({ _id: { $in: pairs(connectionIds, keys) } }).toArray(),
    async endActivations(connectionIds: readonly string[], keys: readonly string[]): Promise<void> {
      await activations.deleteMany({ _id: { $in: pairs(connectionIds, keys) } });
    },
    async activate(connectionId: string, personKey: string, at: Date | null): Promise<void> {
      const _id = `${connectionId}/${personKey}`;
      if (at) await activations.updateOne({ _id }, { $set: { at } }, { upsert: true });
      else await activations.deleteOne({ _id });
    },
  };
}
