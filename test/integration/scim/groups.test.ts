import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { core, startScim, type EntraClient, type ScimServer } from './scim-server.ts';

let server: ScimServer;
let entra: EntraClient;
beforeAll(async () => {
  server = await startScim();
  entra = await server.connect();
});
afterAll(() => server.close());

const people = (count: number) =>
  Promise.all(Array.from({ length: count }, () => entra.user(`p-${randomUUID()}`)));

describe('Entra’s requests about groups', () => {
  it('matches by name without members, and reads without members', async () => {
    const [person] = await people(1);
    const { id } = await entra.group('Matched');
    await entra.patch(`/Groups/${id}`, {
      op: 'Add',
      path: 'members',
      value: [{ value: person!.id }],
    });
    const { body } = await entra.find(
      '/Groups?excludedAttributes=members',
      'displayName eq "mAtChEd"',
    );
    expect(body['Resources']).toMatchObject([{ id, displayName: 'Matched' }]);
    expect((body['Resources'] as object[])[0]).not.toHaveProperty('members');
    const one = await entra.get(`/Groups/${id}?excludedAttributes=members`);
    expect(one.body).not.toHaveProperty('members');
  });

  it('creates without members and with a schema of Entra’s own', async () => {
    const { status, body } = await entra.post('/Groups', {
      schemas: [
        core.group,
        'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
      ],
      ...{ externalId: randomUUID(), displayName: 'Founded', meta: { resourceType: 'Group' } },
    });
    expect([status, body['displayName']]).toEqual([201, 'Founded']);
  });

  it('tells groups of one name apart by externalId, and refuses the same externalId', async () => {
    const externalId = randomUUID();
    await entra.group('Sales', { externalId });
    expect(await entra.group('Sales', { externalId: randomUUID() })).toHaveProperty('id');
    const { status } = await entra.post('/Groups', { displayName: 'Other', externalId });
    expect(status).toBe(409);
  });

  it('adds and removes members in both ways; twice and absent are no errors', async () => {
    const [one, two] = await people(2);
    const { id } = await entra.group('Members');
    const add = { op: 'Add', path: 'members', value: [{ $ref: null, value: one!.id }] };
    expect((await entra.patch(`/Groups/${id}`, add)).status).toBe(204);
    expect((await entra.patch(`/Groups/${id}`, add)).status).toBe(204);
    expect(await entra.members(id)).toEqual([one!.id]);
    const remove = { op: 'Remove', path: 'members', value: [{ $ref: null, value: one!.id }] };
    await entra.patch(`/Groups/${id}`, remove);
    expect((await entra.patch(`/Groups/${id}`, remove)).status).toBe(204);
    expect(await entra.members(id)).toEqual([]);
    await entra.patch(`/Groups/${id}`, {
      op: 'add',
      path: 'members',
      value: [{ value: one!.id }, { value: two!.id }],
    });
    await entra.patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${one!.id}"]` });
    expect(await entra.members(id)).toEqual([two!.id]);
  });

  it('replaces all members, and removes all of them', async () => {
    const [one, two, three] = await people(3);
    const { id } = await entra.group('Replaced', {
      members: [{ value: one!.id }, { value: two!.id }],
    });
    await entra.patch(`/Groups/${id}`, {
      op: 'replace',
      path: 'members',
      value: [{ value: two!.id }, { value: three!.id }],
    });
    expect(await entra.members(id)).toEqual([two!.id, three!.id].sort());
    await entra.patch(`/Groups/${id}`, { op: 'remove', path: 'members' });
    expect(await entra.members(id)).toEqual([]);
  });

  it('loses none of 50 members who are added at once', async () => {
    const { id } = await entra.group('Crowd');
    const crowd = Array.from({ length: 50 }, () => randomUUID());
    await Promise.all(
      crowd.map((value) =>
        entra.patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ value }] }),
      ),
    );
    expect(await entra.members(id)).toEqual(crowd.sort());
  });

  it('carries a change of members on that a crash left behind, once only', async () => {
    const { id } = await entra.group('Crashed');
    const record = (await server.store.Group.get(entra.connection._id, id))!;
    const [one, two] = [randomUUID(), randomUUID()];
    const { intend } = server.store.members;
    const first = await intend(record, { replaces: false, add: [one], remove: [] }, 'PATCH');
    const second = await intend(record, { replaces: true, add: [two], remove: [] }, 'PUT');
    await server.store.members.carryOut(record, second!);
    await server.store.members.carryOut(record, first!);
    expect(await entra.members(id)).toEqual([one, two].sort());
    expect((await server.store.Group.get(entra.connection._id, id))!.pending).toEqual([]);
  });

  it('applies a PATCH of name and members whole or not at all', async () => {
    const [one] = await people(1);
    const { id } = await entra.group('Whole');
    const add = { op: 'add', path: 'members', value: [{ value: one!.id }] };
    const refused = await entra.patch(`/Groups/${id}`, add, {
      op: 'replace',
      path: 'noSuch',
      value: 1,
    });
    expect([refused.status, await entra.members(id)]).toEqual([400, []]);
    await entra.patch(`/Groups/${id}`, add, { op: 'replace', value: { displayName: 'Renamed' } });
    expect((await entra.get(`/Groups/${id}`)).body).toMatchObject({
      displayName: 'Renamed',
      members: [{ value: one!.id }],
    });
  });

  it('lets the deleted leave their groups, and finds groups by a member', async () => {
    const [one] = await people(1);
    const { id } = await entra.group('Left', { members: [{ value: one!.id }] });
    const found = async () =>
      (await entra.find('/Groups', `members.value eq "${one!.id}"`)).body['totalResults'];
    expect(await found()).toBe(1);
    await entra.remove(`/Users/${one!.id}`);
    expect([await entra.members(id), await found()]).toEqual([[], 0]);
  });
});
