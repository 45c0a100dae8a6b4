import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noteRunning } from '../../src/cli/running.ts';
import { connectHr } from '../../src/hr/life.ts';
import { runCommand } from '../support/command.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const personal = ['Zephyrine', 'Quillfeather', 'zephyrine'];
const mail = 'zephyrine.quillfeather@northwind.example';
const scimPerson = (externalId: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  ...{ externalId, userName: mail, active: true, displayName: 'Zephyrine Quillfeather' },
});

let stack: TestStack;
let dataDir: string;
let hrToken: string;
let scim: { id: string; secret: string };
/** The person's object id, and the id of what SCIM sent of them. */
let id: string;
let scimId: string;

beforeAll(async () => {
  stack = await startTestStack({ users: 8, groups: 2 });
  dataDir = await mkdtemp(join(tmpdir(), 'privacy-'));
  await noteRunning(dataDir, stack.running.url, stack.connections.local!);
  await stack.live();
  const { tenantId } = stack.connections;
  const made = await connectHr(tenantId, { clientId: 'entra-mirror-hr' }, stack.running.hr!);
  hrToken = 'intakeToken' in made ? made.intakeToken : '';
  scim = JSON.parse(
    await run(
      'connections',
      'create',
      '--name',
      'Acme',
      '--mode',
      'both',
      '--tenant',
      tenantId,
      '--json',
    ),
  ) as typeof scim;
}, 120_000);
afterAll(async () => {
  await stack.close();
  await rm(dataDir, { recursive: true });
});

const run = (...args: string[]) => runCommand(stack, dataDir, args);
const exported = async (name: string) => JSON.parse(await run('export', name)) as unknown;

async function ask(method: string, path: string, token: string, body?: object) {
  const answer = await fetch(`${stack.running.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as { id: string } };
}
const askScim = (method: string, path: string, body?: object) =>
  ask(method, `/scim/v2/${scim.id}/Users${path}`, scim.secret, body);
const setActive = (active: boolean) =>
  askScim('PATCH', `/${scimId}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: active }],
  });

/** Names of the collections that hold a word of the person. */
async function whereTheyAre(): Promise<string[]> {
  const { db } = stack.connections;
  const named = [];
  for (const { name } of await db.listCollections().toArray()) {
    const text = JSON.stringify(await db.collection(name).find().toArray());
    if (personal.some((word) => text.includes(word))) named.push(name);
  }
  return named.sort();
}

describe('a person whom HR, Graph and SCIM know', () => {
  it('is exported with all that each of them sent', async () => {
    const employee = { firstName: 'Zephyrine', lastName: 'Quillfeather', workMail: mail };
    expect((await ask('PUT', '/hr/employees/Z1', hrToken, employee)).status).toBe(202);
    const held = await until(() =>
      stack.connections.mirror.collections.objects.user.findOne({ employeeId: 'Z1' }),
    );
    ({ id } = held);
    scimId = (await askScim('POST', '', scimPerson(id))).body.id;
    await until(async () => (await stack.user(id))?.mirror.scim);
    const activation = `/admin/connections/${scim.id}/people/${id}/activation`;
    expect((await fetch(`${stack.running.url}${activation}`, { method: 'PUT' })).status).toBe(204);
    await until(async () => JSON.stringify(await exported(id)).includes('verified'));
    expect(await exported(mail)).toMatchObject({
      person: { id, displayName: 'Zephyrine Quillfeather' },
      scim: [{ connection: scim.id, resource: { id: scimId, link: id } }],
      hr: { records: [{ employeeId: 'Z1', objectId: id }], nicknames: ['zephyrine.quillfeather'] },
      teams: { activations: [{ at: expect.any(String) }] },
    });
    expect(await whereTheyAre()).toEqual(['hrEmployees', 'hrNicknames', 'scimUsers', 'users']);
  }, 90_000);

  it('is not erased while one of them would send all of it again', async () => {
    const refusal = (words: string) => expect(run('erase', id, '--yes')).rejects.toThrow(words);
    await refusal('alive in the directory');
    stack.directory.deleteUser(id);
    await until(async () => (await stack.user(id))?.mirror.state === 'softDeleted');
    await refusal('HR still holds them as employee Z1: delete the record there first');
    expect((await ask('DELETE', '/hr/employees/Z1', hrToken)).status).toBe(202);
    await refusal(`Connection ${scim.id} still provisions them`);
    expect(await whereTheyAre()).toContain('scimUsers');
  }, 90_000);

  it('is erased everywhere once none does: nothing but ids is left', async () => {
    await setActive(false);
    expect(JSON.parse(await run('erase', id, '--yes', '--json'))).toMatchObject({
      ...{ id, state: 'softDeleted', scimResources: 1, nicknames: 1, activations: 1 },
    });
    await until(async () => (await whereTheyAre()).length === 0);
    await run('sweep', '--wait');
    await until(
      async () =>
        (await stack.connections.db.collection('scimUsers').countDocuments({ due: true })) === 0,
    );
    expect(await whereTheyAre()).toEqual([]);
    expect(await exported(id)).toMatchObject({ erasure: { id } });
  }, 90_000);

  it('is deleted for a later SCIM PATCH, and somebody new for what is sent anew', async () => {
    expect((await setActive(true)).status).toBe(404);
    const again = await askScim('POST', '', scimPerson('z1'));
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(scimId);
    const key = `${scim.id}/scim:${again.body.id}`;
    await until(async () => (await stack.connections.mirror.peopleByKeys([key])).length === 1);
    await expect(run('erase', key, '--yes')).rejects.toThrow('still provisions them');
    await askScim('DELETE', `/${again.body.id}`);
    expect(JSON.parse(await run('erase', key, '--yes', '--json'))).toMatchObject({ _id: key });
    await until(async () => (await whereTheyAre()).length === 0);
  }, 90_000);

  it('is taken for a new wish where HR sends the record again', async () => {
    const employee = { firstName: 'Zephyrine', lastName: 'Quillfeather', workMail: mail };
    expect((await ask('PUT', '/hr/employees/Z1', hrToken, employee)).status).toBe(202);
    await until(async () => (await whereTheyAre()).includes('hrEmployees'));
  }, 90_000);
});
