import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProjector } from '../../../src/directory/projector.ts';
import { openMirror } from '../../../src/mirror/open-mirror.ts';
import type { ObjectWrite } from '../../../src/mirror/types.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { until } from '../../support/until.ts';
import { core, person, startScim, type EntraClient, type ScimServer } from '../scim/scim-server.ts';

const tenantId = '7d3c1111-0000-4000-8000-000000000001';
const ada = 'a1f01111-0000-4000-8000-000000000001';
const team = 'c3d21111-0000-4000-8000-000000000001';

let server: ScimServer;
let mirror: Awaited<ReturnType<typeof openMirror>>;
let projector: ReturnType<typeof createProjector>;
let both: EntraClient;
let alone: EntraClient;
let token = 0;
/** Of a resource whose document cannot be written, as if a bug refused it. */
let unwritable: string | undefined;

beforeAll(async () => {
  server = await startScim();
  const { db } = server.mongo;
  const common = { clock: systemClock, log: silentLog };
  mirror = await openMirror({ db, ...common });
  const writeAlone: typeof mirror.writeAlone = (type, writes) =>
    writes.some(({ facet }) => facet.id === unwritable)
      ? Promise.reject(new Error('it cannot be written'))
      : mirror.writeAlone(type, writes);
  projector = createProjector({
    store: server.store,
    mirror: { ...mirror, writeAlone },
    ...common,
  });
  both = await server.connect({ name: 'Contoso', mode: 'both', tenantId });
  alone = await server.connect({ name: 'Fabrikam' });
});
afterAll(async () => {
  await projector.close();
  await server.close();
});

const settled = () =>
  until(async () => {
    projector.wake();
    const { User, Group, members } = server.store;
    const due = await Promise.all([User.due(1), Group.due(1), members.due(1)]);
    return due.flat().length === 0;
  });

/** What a read of Graph would write. */
const graphSays = (
  id: string,
  properties: Record<string, unknown>,
  managerId: string | null = null,
) =>
  mirror.applyObjects(
    tenantId,
    [{ type: 'user', id, state: 'active', properties, managerId } satisfies ObjectWrite],
    { token: ++token, shape: 's' },
  );

const user = (key: string) => mirror.collections.scimObjects.user.findOne({ _id: key });
const aloneKey = (client: EntraClient, id: string) => `${client.connection._id}/scim:${id}`;

describe('one directory out of two sources', () => {
  it('shows a person whom SCIM alone knows under Graph’s names', async () => {
    const boss = await alone.user('boss');
    const made = await alone.user('lin', {
      title: 'Engineer',
      emails: [{ type: 'work', value: 'Lin@contoso.example', primary: true }],
      phoneNumbers: [{ type: 'mobile', value: '+49 1' }],
      addresses: [{ type: 'work', locality: 'Kiel', formatted: 'B 12' }],
      [core.enterprise]: { employeeNumber: '0042', department: 'R&D', manager: { value: boss.id } },
    });
    await settled();
    expect(await user(aloneKey(alone, made.id))).toMatchObject({
      tenantId: alone.connection._id,
      ...{ userPrincipalName: 'lin@contoso.example', jobTitle: 'Engineer', employeeId: '0042' },
      ...{
        mail: 'Lin@contoso.example',
        mobilePhone: '+49 1',
        city: 'Kiel',
        officeLocation: 'B 12',
      },
      ...{ department: 'R&D', managerId: `scim:${boss.id}`, faxNumber: null },
      mirror: {
        state: 'active',
        source: 'scim',
        mail: 'lin@contoso.example',
        scim: { active: true },
      },
    });
  });

  it('keeps assignment and account apart', async () => {
    const made = await alone.user('mo');
    await alone.patch(`/Users/${made.id}`, { op: 'Replace', path: 'active', value: 'False' });
    await settled();
    const shown = await user(aloneKey(alone, made.id));
    expect(shown).toMatchObject({ mirror: { state: 'active', scim: { active: false } } });
    expect(shown).not.toHaveProperty('accountEnabled');
  });

  it('puts what SCIM says beside what Graph says, whose properties stay as they are', async () => {
    await graphSays(ada, {
      userPrincipalName: 'Ada@contoso.example',
      department: 'IT',
      jobTitle: null,
      accountEnabled: true,
    });
    const made = await both.user('ada', {
      title: 'Countess',
      [core.enterprise]: { department: 'R&D' },
    });
    await settled();
    expect(await user(`${tenantId}/${ada}`)).toMatchObject({
      ...{ department: 'IT', jobTitle: null, accountEnabled: true },
      mirror: {
        source: 'both',
        scim: { id: made.id, active: true, fills: { jobTitle: 'Countess' }, drift: ['department'] },
      },
    });
    expect(await user(aloneKey(both, made.id))).toBeNull();
    expect((await both.get(`/Users/${made.id}`)).body).toMatchObject({ title: 'Countess' });
  });

  it('has employee number and manager from the first create on where Graph shows the person', async () => {
    const [boss, kim] = [`${ada.slice(0, -2)}b1`, `${ada.slice(0, -2)}b2`];
    await graphSays(boss, { userPrincipalName: 'boss@contoso.example' });
    await graphSays(kim, { userPrincipalName: 'kim@contoso.example', employeeId: '7' }, boss);
    await both.user('kim', { externalId: kim });
    await settled();
    expect(await user(`${tenantId}/${kim}`)).toMatchObject({
      ...{ employeeId: '7', managerId: boss },
      mirror: { source: 'both', scim: { active: true } },
    });
  });

  it('weighs SCIM anew when Graph changes', async () => {
    await graphSays(ada, {
      userPrincipalName: 'Ada@contoso.example',
      department: 'R&D',
      jobTitle: 'Analyst',
    });
    expect(await user(`${tenantId}/${ada}`)).toMatchObject({
      mirror: { source: 'both', scim: { fills: {}, drift: ['jobTitle'] } },
    });
    expect(await mirror.scimFigures(both.connection._id)).toMatchObject({ both: 2, drifting: 1 });
  });

  it('lets Graph’s document take over from SCIM’s when it comes later, with managers and memberships', async () => {
    const eve = 'a1f01111-0000-4000-8000-000000000002';
    const made = await both.user('eve', { externalId: eve, userName: 'eve.old@contoso.example' });
    const report = await both.user('fay', { [core.enterprise]: { manager: { value: made.id } } });
    const group = await both.group('Readers');
    await both.patch(`/Groups/${group.id}`, {
      op: 'Add',
      path: 'members',
      value: [{ value: made.id }],
    });
    await settled();
    const membersOf = () =>
      mirror.collections.memberships
        .find({ tenantId: both.connection._id, groupId: `scim:${group.id}`, present: true })
        .toArray();
    expect(await membersOf()).toMatchObject([{ memberId: `scim:${made.id}` }]);

    await graphSays(eve, { userPrincipalName: 'eve@contoso.example' });
    await until(async () => {
      const old = await user(aloneKey(both, made.id));
      return old?.mirror.state === 'merged' && old.mirror.mergedInto === `${tenantId}/${eve}`;
    });
    await settled();
    expect(await user(`${tenantId}/${eve}`)).toMatchObject({ mirror: { source: 'both' } });
    expect(await user(aloneKey(both, report.id))).toMatchObject({ managerId: eve });
    expect(await membersOf()).toMatchObject([{ memberId: eve, memberType: 'user' }]);
  });

  it('takes the facet away when SCIM deletes, and keeps what Graph shows', async () => {
    const [record] = await server.store.User.find(
      both.connection._id,
      { 'keys.userName': 'ada@contoso.example' },
      { limit: 1 },
    );
    await both.remove(`/Users/${record!.id}`);
    await settled();
    expect(await user(`${tenantId}/${ada}`)).toMatchObject({
      department: 'R&D',
      mirror: { state: 'active', source: 'graph', scim: { removed: true, drift: [] } },
    });
  });

  it('makes a tombstone of a person whom SCIM alone knew, and ends the memberships', async () => {
    const made = await alone.user('gus');
    const group = await alone.group('Guests');
    await alone.patch(`/Groups/${group.id}`, {
      op: 'add',
      path: 'members',
      value: [{ value: made.id }],
    });
    await settled();
    await alone.remove(`/Users/${made.id}`);
    await settled();
    expect(await user(aloneKey(alone, made.id))).toMatchObject({ mirror: { state: 'purged' } });
    const edge = await mirror.collections.memberships.findOne({ memberId: `scim:${made.id}` });
    expect(edge).toMatchObject({ present: false });
  });

  it('does not merge where two people could be meant', async () => {
    const [one, two] = [
      'a1f01111-0000-4000-8000-0000000000a1',
      'a1f01111-0000-4000-8000-0000000000a2',
    ];
    await graphSays(one, { userPrincipalName: 'one@contoso.example' });
    await graphSays(two, { userPrincipalName: 'hal@contoso.example' });
    const made = await both.post('/Users', person('hal', { externalId: one }));
    await settled();
    expect(await user(aloneKey(both, made.body.id))).toMatchObject({
      mirror: { source: 'scim', scim: { ambiguous: true } },
    });
  });

  it('leaves the members of a group that Graph shows to Graph', async () => {
    await mirror.applyObjects(
      tenantId,
      [
        {
          type: 'group',
          id: team,
          state: 'active',
          properties: { displayName: 'Team' },
          managerId: null,
        },
      ],
      { token: ++token, shape: 's' },
    );
    const member = await both.user('ida');
    const group = await both.group('Team', { externalId: team });
    await both.patch(`/Groups/${group.id}`, {
      op: 'Add',
      path: 'members',
      value: [{ value: member.id }],
    });
    await settled();
    expect(
      await mirror.collections.scimObjects.group.findOne({ _id: `${tenantId}/${team}` }),
    ).toMatchObject({ mirror: { source: 'both' } });
    expect(
      await mirror.collections.memberships.findOne({ groupId: `scim:${group.id}` }),
    ).toBeNull();
  });

  it('shows the others where one cannot be shown, and that one later', async () => {
    const names = ['poison', 'first', 'second'];
    const [poison, first, second] = await Promise.all(names.map((name) => alone.user(name)));
    unwritable = poison!.id;
    await alone.patch(`/Users/${poison!.id}`, { op: 'Add', path: 'title', value: 'Poison' });
    await alone.patch(`/Users/${first!.id}`, { op: 'Add', path: 'title', value: 'First' });
    await alone.patch(`/Users/${second!.id}`, { op: 'Add', path: 'title', value: 'Second' });
    const titleOf = async ({ id }: { id: string }) =>
      ((await user(aloneKey(alone, id))) as { jobTitle?: unknown } | null)?.jobTitle;
    await until(async () => {
      projector.wake();
      return (await titleOf(first!)) === 'First' && (await titleOf(second!)) === 'Second';
    });
    expect(await titleOf(poison!)).not.toBe('Poison');
    unwritable = undefined;
    await settled();
    expect(await titleOf(poison!)).toBe('Poison');
  });
});
