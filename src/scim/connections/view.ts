import { tenantUrl } from '../http/app.ts';
import type { ScimStore } from '../store.ts';
import type { StoredConnection } from '../types.ts';
import { isLive } from './secret.ts';
import { stateOf, superfluousPermissions } from './state.ts';

interface DirectoryFigures {
  /** Shown by Graph too. */
  both: number;
  alone: number;
  /** Said differently by the two. */
  drifting: number;
  /** Alone because two objects could be meant. */
  ambiguous: number;
}

/** A connection as operators see it: no secret and nothing that signs. */
export async function viewOf(
  connection: StoredConnection,
  {
    store,
    publicUrl,
    now,
    directory,
  }: {
    store: ScimStore;
    publicUrl: string;
    now: Date;
    /** How its people and groups stand to the directory. */
    directory: (connectionId: string) => Promise<DirectoryFigures>;
  },
) {
  const { _id: id, name, mode, tenantId, createdAt, users, groups, attributes } = connection;
  const { activity, history, secrets, granted } = connection;
  const [userCount, groupCount] = await Promise.all([
    store.User.count(id, {}),
    store.Group.count(id, {}),
  ]);
  return {
    ...{ id, name, mode, tenantId, createdAt },
    tenantUrl: mode === 'graph' ? null : tenantUrl(publicUrl, id),
    state: stateOf(connection, now),
    secrets: secrets.map(({ keyId, createdAt: madeAt, endsAt, lastUsedAt }) => ({
      ...{ keyId, createdAt: madeAt, endsAt, lastUsedAt },
      live: isLive({ keyId, hash: '', createdAt: madeAt, endsAt, lastUsedAt }, now),
    })),
    ...{ users, groups, attributes },
    directory: await directory(id),
    holds: { users: userCount, groups: groupCount },
    lastCallAt: activity.lastCallAt ?? null,
    testedAt: activity.testedAt ?? null,
    cycles: activity.cycles,
    ...(granted && { granted, superfluous: superfluousPermissions(granted) }),
    history,
  };
}
export type ConnectionView = Awaited<ReturnType<typeof viewOf>>;
