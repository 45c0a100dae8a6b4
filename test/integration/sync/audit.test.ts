import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Graph, WholeObject } from '../../../src/graph/types.ts';
import type { AuditDifference } from '../../../src/mirror/audits.ts';
import type { Clock } from '../../../src/ops/clock.ts';
import { auditTenant, type AuditOptions } from '../../../src/sync/audit/audit.ts';
import { startTestStack, type TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const window = 400;
let stack: TestStack;
let deleted: string[];
beforeAll(async () => {
  const timings = { replicationMs: window, secondLookMs: 100 };
  stack = await startTestStack({ users: 40, groups: 6, timings });
  await stack.live();
  stack.directory.clearManager(personAt(1));
  deleted = [personAt(20), personAt(21), personAt(22), snapshot().managers[0]!.managerId];
  for (const id of deleted) stack.directory.deleteUser(id);
  stack.directory.purge(deleted[2]!);
  await stack.equal();
});
afterAll(() => stack.close());

const audit = (options: Partial<AuditOptions> = {}, graph?: Graph, clock?: Clock) => {
  const { connections } = stack;
  const graphOf = graph ? () => graph : connections.graphOf;
  const { publish } = connections.publisher;
  const deps = { ...connections, graphOf, publish, ...(clock && { clock }) };
  const { signal } = new AbortController();
  return auditTenant(deps, connections.tenantId, { signal, repair: false, ...options });
};

interface Stored {
  _id: string;
  [name: string]: unknown;
}
type Collection = 'users' | 'groups' | 'memberships';
const stored = (name: Collection) => stack.connections.db.collection<Stored>(name);
const set = (name: Collection, which: object, $set: Record<string, unknown>) =>
  stored(name).updateOne(which, { $set });
const snapshot = () => stack.directory.snapshot();
const active = () => snapshot().users.filter(({ state }) => state === 'active');
const personAt = (index: number) => active()[index]!.id;
const groupAt = (index: number) => snapshot().groups[index]!.id;
/** People beyond those whom the plants name by their index. */
const managed = (index: number) => {
  const others = new Set(
    active()
      .slice(25)
      .map(({ id }) => id),
  );
  const shown = snapshot().managers.filter(({ hidden, userId }) => !hidden && others.has(userId));
  return shown[index]!.userId;
};
/** A membership of the source, and its name in an audit. */
const membershipAt = (index: number) => {
  const shown = snapshot().memberships.filter(({ hidden, kind }) => !hidden && kind === 'member');
  const { groupId, kind, memberId } = shown[index]!;
  return { edge: { groupId, kind, memberId }, id: `${groupId}/${kind}/${memberId}` };
};

describe('an audit of an equal mirror (rule 3.5)', () => {
  it('finds 0 differences, though people are soft-deleted, and says how much it compared', async () => {
    const { groups, memberships, managers } = snapshot();
    expect(managers.some(({ hidden }) => hidden)).toBe(true);
    expect(memberships.some(({ hidden }) => hidden)).toBe(true);
    const result = await audit();
    expect(result).toMatchObject({ differences: 0, unread: 0, unsettled: 0, repaired: false });
    expect(result.compared).toEqual({
      users: active().length,
      groups: groups.length,
      memberships: memberships.filter(({ hidden }) => !hidden).length,
      managers: managers.filter(
        ({ hidden, userId }) => !hidden && active().some(({ id }) => id === userId),
      ).length,
    });
  });

  it('says how old a difference may be: as a late replica and the audit itself', async () => {
    const { olderThanMs, beganAt, endedAt } = await audit();
    expect(olderThanMs).toBe(window + endedAt.getTime() - beganAt.getTime());
  });
});

/** Graph, with replicas that show a person's former job titles, one after the other, and then the true one. */
function replicas(personId: string, jobTitles: string[]) {
  const graph = stack.connections.graphOf(stack.connections.tenantId);
  const rest = [...jobTitles];
  const shown: string[] = [];
  const late = (object: WholeObject): WholeObject => {
    const jobTitle = object.id === personId ? rest.shift() : undefined;
    if (jobTitle === undefined) return object;
    shown.push(jobTitle);
    return { ...object, properties: { ...object.properties, jobTitle } };
  };
  const lagging: Graph = {
    ...graph,
    async listPage(...args) {
      const page = await graph.listPage(...args);
      return { ...page, objects: page.objects.map(late) };
    },
    async read(...args) {
      const reads = await graph.read(...args);
      return reads.map((read) =>
        read.kind === 'found' ? { ...read, object: late(read.object) } : read,
      );
    },
  };
  return { graph: lagging, shown };
}

type Planted = Pick<AuditDifference, 'of' | 'kind' | 'id' | 'properties'>;

/** Each makes the mirror wrong in one way and tells what an audit should list. */
const plants: Record<string, () => Promise<Planted>> = {
  'a person who is missing': async () => {
    const id = personAt(3);
    await stored('users').deleteOne({ id });
    return { of: 'users', kind: 'missing', id, properties: ['state'] };
  },
  'a group that is missing': async () => {
    const id = groupAt(1);
    await stored('groups').deleteOne({ id });
    return { of: 'groups', kind: 'missing', id, properties: ['state'] };
  },
  'a person who is not in the directory': async () => {
    const id = 'eeeeeeee-0000-4000-8000-00000000000e';
    const { _id, ...other } = (await stored('users').findOne({ id: personAt(4) }))!;
    const key = _id.replace(personAt(4), id);
    await stored('users').insertOne({ ...other, _id: key, id });
    return { of: 'users', kind: 'extra', id, properties: ['state'] };
  },
  'properties that were changed by hand': async () => {
    const id = personAt(5);
    await set('users', { id }, { jobTitle: 'Impostor', businessPhones: ['1'] });
    return { of: 'users', kind: 'different', id, properties: ['businessPhones', 'jobTitle'] };
  },
  'a property of a group that was changed by hand': async () => {
    const id = groupAt(2);
    await set('groups', { id }, { description: 'Not ours' });
    return { of: 'groups', kind: 'different', id, properties: ['description'] };
  },
  'another manager': async () => {
    const id = managed(0);
    await set('users', { id }, { managerId: id });
    return { of: 'managers', kind: 'different', id };
  },
  'a manager who is missing': async () => {
    const id = managed(1);
    await set('users', { id }, { managerId: null });
    return { of: 'managers', kind: 'missing', id };
  },
  'a manager whom the directory does not have': async () => {
    const id = personAt(1);
    await set('users', { id }, { managerId: personAt(9) });
    return { of: 'managers', kind: 'extra', id };
  },
  'a membership without a document': async () => {
    const { edge, id } = membershipAt(2);
    await stored('memberships').deleteOne(edge);
    return { of: 'memberships', kind: 'missing', id };
  },
  'a membership that was ended wrongly': async () => {
    const { edge, id } = membershipAt(3);
    await set('memberships', edge, { present: false });
    return { of: 'memberships', kind: 'missing', id };
  },
  'an ownership that is not in the directory': async () => {
    const { edge } = membershipAt(4);
    const owners = snapshot().memberships.filter(({ kind }) => kind === 'owner');
    const isOwner = (id: string) => owners.some(({ memberId }) => memberId === id);
    const memberId = active().find(({ id }) => !isOwner(id))!.id;
    const id = `${edge.groupId}/owner/${memberId}`;
    const { _id, ...other } = (await stored('memberships').findOne(edge))!;
    const key = `${_id.split('/')[0]}/${id}`;
    await stored('memberships').insertOne({ ...other, kind: 'owner', memberId, _id: key });
    return { of: 'memberships', kind: 'extra', id };
  },
  'a deleted person without a tombstone': async () => {
    const id = deleted[0]!;
    await stored('users').deleteOne({ id });
    return { of: 'users', kind: 'missing', id, properties: ['state'] };
  },
  'a deleted person who is held as active': async () => {
    const id = deleted[1]!;
    await set('users', { id }, { 'mirror.state': 'active' });
    return { of: 'users', kind: 'extra', id, properties: ['state'] };
  },
  'a purged person who is held as soft-deleted': async () => {
    const id = deleted[2]!;
    await set('users', { id }, { 'mirror.state': 'softDeleted' });
    return { of: 'users', kind: 'extra', id, properties: ['state'] };
  },
  'a person who was buried alive': async () => {
    const id = personAt(10);
    await set('users', { id }, { 'mirror.state': 'purged' });
    return { of: 'users', kind: 'missing', id, properties: ['state'] };
  },
};

describe('rule 2.5: an audit of a mirror with every kind of difference', () => {
  const planted: Planted[] = [];
  beforeAll(async () => {
    // The load walks once more when replicas have had their time, and would mend what is planted.
    const { mirror, tenantId } = stack.connections;
    await until(async () => {
      const passes = await Promise.all(
        (['user', 'group'] as const).map(
          async (type) => (await mirror.checkpoint(tenantId, type))!.pass!,
        ),
      );
      return passes.every(
        ({ walks, stage, startedAt, link }) =>
          stage === 'done' && (walks > 1 || startedAt.getTime() - link.at.getTime() >= window),
      );
    });
    const isDue = { 'mirror.edgesDue': { $exists: true } };
    await until(async () => (await stored('groups').countDocuments(isDue)) === 0);
    for (const plant of Object.values(plants)) planted.push(await plant());
  });
  const byId = (a: Planted, b: Planted) => a.id.localeCompare(b.id);

  it('finds each of them and nothing else, and changes nothing', async () => {
    // The reader of memberships goes on beside the audit, and takes its marks away.
    const people = () =>
      stored('users')
        .find({}, { projection: { 'mirror.edgesDue': 0 } })
        .toArray();
    const before = await people();
    const { listed, differences, repaired } = await audit();
    expect(listed.toSorted(byId)).toEqual(planted.toSorted(byId));
    expect({ differences, repaired }).toEqual({ differences: planted.length, repaired: false });
    expect(await people()).toEqual(before);
  });

  it('repairs each of them where it is asked to', async () => {
    expect(await audit({ repair: true })).toMatchObject({ repaired: true });
    await stack.equal();
    await until(async () => (await audit()).differences === 0);
  });
});

describe('an audit', () => {
  it('counts no difference that only a late replica shows', async () => {
    const late = replicas(personAt(7), ['Old', 'Old']);
    expect(await audit({}, late.graph)).toMatchObject({ differences: 0, unsettled: 0 });
    expect(late.shown).toEqual(['Old', 'Old']);
  });

  it('judges no object that differs at both looks, each time in another way', async () => {
    const late = replicas(personAt(7), ['Old', 'Older', 'Newer']);
    expect(await audit({}, late.graph)).toMatchObject({ differences: 0, unsettled: 1 });
  });

  it('counts no difference while the directory changes', async () => {
    const { clock, local } = stack.connections;
    const closing = new AbortController();
    const changing = (async () => {
      while (!closing.signal.aborted) {
        local!.changeAtRandom();
        await clock.sleep(20);
      }
    })();
    // What the wait is for: that the mirror has had the time to follow.
    const sleep = async (ms: number) => {
      if (ms !== window) return clock.sleep(ms);
      closing.abort();
      await changing;
      await stack.equal();
    };
    const result = await audit({}, undefined, { ...clock, sleep });
    closing.abort();
    await changing;
    expect(result).toMatchObject({ differences: 0, listed: [] });
  });

  it('reports removals that wait for a decision or were rejected apart', async () => {
    const id = snapshot().users.find(({ state }) => state === 'softDeleted')!.id;
    await set('users', { id }, { 'mirror.state': 'active', 'mirror.held': {} });
    expect(await audit()).toMatchObject({ differences: 0, held: 1, kept: 0 });
    await stored('users').updateOne({ id }, { $rename: { 'mirror.held': 'mirror.kept' } });
    expect(await audit()).toMatchObject({ differences: 0, held: 0, kept: 1 });
  });
});
