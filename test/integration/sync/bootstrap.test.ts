import { afterEach, describe, expect, it } from '@jest/globals';
import type { Graph } from '../../../src/graph/types.ts';
import { syncType } from '../../../src/sync/sync-type.ts';
import { openWorld, type World } from './world.ts';

const steps = ['latestLink', 'listPage', 'edgePages', 'deltaPage'] as const;
type Step = (typeof steps)[number];

let world: World;
afterEach(() => world.close());

/** Graph with something that happens around the first call of one kind. */
function around(graph: Graph, step: Step, when: 'before' | 'after', happens: () => void): Graph {
  let happened = false;
  const once = () => {
    if (!happened) happens();
    happened = true;
  };
  const wrapped = async (...args: unknown[]) => {
    if (when === 'before') once();
    const answer = await (graph[step] as (...given: unknown[]) => Promise<unknown>)(...args);
    if (when === 'after') once();
    return answer;
  };
  return { ...graph, [step]: wrapped };
}

/** One of each kind of change that a directory can make. */
function changeAll() {
  const { users, groups, memberships, managers } = world.directory.snapshot();
  const hired = world.directory.createUser({ displayName: 'Hired' });
  const founded = world.directory.createGroup({ displayName: 'Founded' });
  world.directory.addMember(founded, hired);
  world.directory.addMember(groups[0]!.id, hired);
  const { groupId, memberId } = memberships.find(({ kind }) => kind === 'member')!;
  world.directory.removeMember(groupId, memberId);
  world.directory.updateUser(users[1]!.id, { city: 'Atlantis' });
  world.directory.clearManager(managers[0]!.userId);
  world.directory.deleteUser(users[2]!.id);
}

async function bootstrap(graph: Graph, holder = 'one', signal = new AbortController().signal) {
  const deps = { ...world.deps, graphOf: () => graph, holder };
  await syncType(deps, world.tenantId, 'user', { signal });
  await syncType(deps, world.tenantId, 'group', { signal });
}

async function sweepAndSettle() {
  await world.mirror.requestSweep(world.tenantId);
  await bootstrap(world.graph, 'another');
  await world.drain();
  await world.reader.serve(world.tenantId);
  await world.drain();
}

describe('a bootstrap', () => {
  it.each<[string, 'before' | 'after', Step]>([
    ['before it takes the link', 'before', 'latestLink'],
    ['when it has the link', 'after', 'latestLink'],
    ['while it lists the users', 'after', 'listPage'],
    ['while it reads the members', 'before', 'edgePages'],
    ['while it sweeps', 'after', 'deltaPage'],
  ])('mirrors, one sweep later, what changes unannounced %s', async (_case, when, step) => {
    world = await openWorld(`moment-${when}-${step}`, { users: 12, groups: 3 });
    await bootstrap(around(world.graph, step, when, changeAll));
    await world.drain();
    await sweepAndSettle();
    expect(await world.differences()).toEqual([]);
  });

  it.each(steps)(
    'Invariant 6: interrupted after %s it goes on elsewhere and ends with a sweep',
    async (step) => {
      world = await openWorld(`killed-${step}`, { users: 12, groups: 3 });
      const killed = new AbortController();
      const kill = () => {
        changeAll();
        killed.abort(new Error('killed'));
        throw new Error('killed');
      };
      const dying = bootstrap(around(world.graph, step, 'after', kill), 'one', killed.signal);
      await expect(dying).rejects.toThrow('killed');
      await bootstrap(world.graph, 'another');
      for (const type of ['user', 'group'] as const)
        expect((await world.mirror.checkpoint(world.tenantId, type))?.sweptAt).toBeInstanceOf(Date);
      await world.drain();
      await sweepAndSettle();
      expect(await world.differences()).toEqual([]);
    },
  );
});
