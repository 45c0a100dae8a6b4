import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noteRunning } from '../../src/cli/running.ts';
import { toMessage } from '../../src/queue/envelope.ts';
import { buildChange } from '../support/build-change.ts';
import { runCommand } from '../support/command.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let dataDir: string;
beforeAll(async () => {
  stack = await startTestStack({ users: 20, groups: 3 });
  dataDir = await mkdtemp(join(tmpdir(), 'commands-'));
  await noteRunning(dataDir, stack.running.url, stack.connections.local!);
  await stack.live();
});
afterAll(async () => {
  await stack.close();
  await rm(dataDir, { recursive: true });
});

const run = (...args: string[]) => runCommand(stack, dataDir, args);
const json = async (...args: string[]) => JSON.parse(await run(...args, '--json')) as unknown;
const status = async () => {
  const answer = await fetch(`${stack.running.url}/status`);
  return { body: (await answer.json()) as { tenants: object[] } };
};
/** What the command before would have the process exit with. */
function exitCode() {
  const code = process.exitCode ?? 0;
  process.exitCode = 0;
  return code;
}
const personAt = (index: number) => {
  const { id, properties } = stack.directory.snapshot().users[index]!;
  const { displayName, userPrincipalName } = properties;
  return { id, displayName: String(displayName), userPrincipalName: String(userPrincipalName) };
};

describe('entra-mirror', () => {
  it('finds nothing wrong with a mirror that is well, check by check', async () => {
    const findings = await until(async () => {
      const found = (await json('doctor')) as { check: string; level: string }[];
      return found.every(({ level }) => level !== 'failed') ? found : undefined;
    });
    expect(findings.map(({ check }) => check)).toEqual([
      ...['settings', 'name', 'handshake', 'token', 'Graph', 'subscriptions', 'receipts'],
      ...['queue', 'MongoDB', 'clock'],
    ]);
    expect(await run('doctor')).toMatch(/^ok +settings: complete\n/);
  });

  it('lists, renews and rotates the subscriptions', async () => {
    const listed = { state: 'active', inGraph: true };
    expect(await json('subscriptions', 'list')).toMatchObject([
      { resource: 'users', ...listed },
      { resource: 'groups', ...listed },
    ]);
    expect(await json('subscriptions', 'renew')).toEqual({ renewed: 2 });
    const ids = async () =>
      ((await json('subscriptions', 'list')) as { subscriptionId: string }[]).map(
        ({ subscriptionId }) => subscriptionId,
      );
    const before = await ids();
    expect(await json('subscriptions', 'rotate')).toEqual({ rotated: 2 });
    const after = await ids();
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });

  it('prunes what delivers to us and is not known, and nothing else', async () => {
    const { tenantId, graphOf } = stack.connections;
    const remote = await graphOf(tenantId).createSubscription({
      resource: 'users',
      changeType: 'deleted',
      notificationUrl: `${stack.running.url}/notifications`,
      lifecycleNotificationUrl: `${stack.running.url}/lifecycle`,
      clientState: 'orphan',
      expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect(remote).toHaveProperty('id');
    expect(await json('subscriptions', 'prune')).toEqual({ pruned: 1 });
    expect(await json('subscriptions', 'list')).toHaveLength(2);
  });

  it('audits: 0 differences, an exit code of 0, and the claim that this allows', async () => {
    await stack.equal();
    const said = await run('audit');
    expect(said).toMatch(/0 differences: no difference is older than 15 min/);
    expect(exitCode()).toBe(0);
    const { body } = await status();
    expect(body.tenants[0]).toMatchObject({ audit: { differences: 0, repaired: false } });
  });

  it('audits: tells differences by name, not value, exits with 1 and has them repaired', async () => {
    const { id, displayName } = personAt(6);
    const { user } = stack.connections.mirror.collections.objects;
    await user.updateOne({ id }, { $set: { displayName: 'Forged' } });
    const said = await run('audit', '--second-look', '0', '--repair');
    expect(exitCode()).toBe(1);
    expect(said).toContain(`users ${id} different: displayName`);
    expect(said).toContain('What differs was handed on to be read again.');
    expect(said).not.toMatch(new RegExp(`Forged|${displayName}`));
    await stack.equal();
    const { tenantId } = stack.connections;
    const audited = await json('audit', '--tenant', tenantId, '--second-look', '0');
    expect(audited).toMatchObject([{ tenantId, differences: 0 }]);
    expect(exitCode()).toBe(0);
  });

  it('says which tenant an audit does not know', async () => {
    await expect(run('audit', '--tenant', 'nobody')).rejects.toThrow('Tenant nobody is not served');
  });

  it('lists, shows, replays and deletes dead letters', async () => {
    await stack.connections.publisher.send([{ body: 'nobody can read this' }]);
    const listed = await until(async () => {
      const letters = (await json('dead-letters', 'list')) as { id: string; reason: string }[];
      return letters.length === 1 ? letters : undefined;
    });
    expect(listed).toMatchObject([{ reason: 'Malformed' }]);
    const { id } = listed[0]!;
    expect(await json('dead-letters', 'show', id)).toMatchObject({ id, reason: 'Malformed' });
    expect(await run('dead-letters', 'list')).toContain('cannot be read');
    await expect(run('dead-letters', 'replay')).rejects.toThrow('Say which');
    expect(await json('dead-letters', 'replay', '--reason', 'Malformed')).toEqual({ replayed: 1 });
    await until(async () => ((await json('dead-letters', 'list')) as unknown[]).length === 1);
    await expect(run('dead-letters', 'purge', '--all')).rejects.toThrow('--yes');
    expect(await json('dead-letters', 'purge', '--all', '--yes')).toEqual({ purged: 1 });
    expect(await run('dead-letters', 'list')).toContain('There are no dead letters');
  });

  it('tells the dead letters of HR’s queue from the others, and replays them onto it', async () => {
    const { bus, config } = stack.connections;
    const sender = bus.createSender(config.hr.queue);
    await sender.sendMessages({ body: 'nobody can read this', messageId: 'of-hr' });
    await sender.close();
    const ofHr = [{ id: 'of-hr', queue: 'hr', reason: 'Malformed' }];
    await until(async () => ((await json('dead-letters', 'list')) as unknown[]).length === 1);
    expect(await json('dead-letters', 'list')).toMatchObject(ofHr);
    expect(await json('dead-letters', 'list', '--queue', 'directory')).toEqual([]);
    expect(await json('dead-letters', 'show', 'of-hr')).toMatchObject(ofHr[0]!);
    expect(await json('dead-letters', 'replay', '--queue', 'hr', '--all')).toEqual({ replayed: 1 });
    // Nobody can read it the second time either: it comes back to where it was.
    const ofHrAgain = () => json('dead-letters', 'list', '--queue', 'hr') as Promise<unknown[]>;
    await until(async () => (await ofHrAgain()).length === 1);
    const all = ['--queue', 'hr', '--all', '--yes'];
    expect(await json('dead-letters', 'purge', ...all)).toEqual({ purged: 1 });
  });

  it('has what the broker gave up on handled without being asked', async () => {
    const { id, displayName } = personAt(9);
    const { mirror, publisher, tenantId } = stack.connections;
    const wrong = { $set: { displayName: 'Forged', 'mirror.contentHash': 'x' } };
    await mirror.collections.objects.user.updateOne({ id }, wrong);
    const set = { tenantId, changes: [buildChange(id, { origin: 'hint' })] };
    await publisher.send([{ ...toMessage(set, Date.now()), timeToLive: 1 }]);
    await until(async () => (await stack.user(id))?.['displayName'] === displayName);
  });

  it('sweeps and waits for its end', async () => {
    expect(await json('sweep', '--wait')).toMatchObject({ finished: 'sweep' });
  });

  it('loads once more and waits for its end', async () => {
    expect(await json('load', '--wait')).toMatchObject({ finished: 'load' });
    await stack.equal();
  });

  it('explains that mirror and directory agree, by name and by id', async () => {
    const { id, userPrincipalName } = personAt(3);
    const explained = (await json('explain', userPrincipalName)) as object;
    expect(explained).toMatchObject({
      object: { type: 'user', id },
      ...{ directory: 'active', differences: [], deadLetters: [] },
      mirror: { state: 'active' },
      advice: ['Mirror and directory agree: nothing to do.'],
    });
    expect(await json('explain', id)).toMatchObject({ object: { id } });
    expect(await run('explain', id)).toContain('→ Mirror and directory agree');
  });

  it('explains by names, not values, where the mirror is wrong, and fetch repairs it', async () => {
    const { id, displayName } = personAt(4);
    const { user } = stack.connections.mirror.collections.objects;
    await user.updateOne({ id }, { $set: { displayName: 'Forged', 'mirror.contentHash': 'x' } });
    const explained = await run('explain', id);
    expect(explained).toContain('displayName');
    expect(explained).not.toContain(displayName);
    expect(await json('fetch', id)).toMatchObject({
      ...{ object: { type: 'user', id }, source: 'graph', state: 'active' },
      changed: ['displayName'],
      steps: ['found', 'in scope', 'mapped', 'written'].map((step) => ({ step, done: true })),
    });
    await user.updateOne({ id }, { $set: { displayName: 'Forged', 'mirror.contentHash': 'x' } });
    expect(await json('fetch', id, '--values')).toMatchObject({
      changed: { displayName: { before: 'Forged', after: displayName } },
    });
  });

  it('fetches a group by its name with all its members, and says who came', async () => {
    const { groups, memberships } = stack.directory.snapshot();
    const { id, properties } = groups[0]!;
    const members = memberships.filter(({ groupId, kind }) => groupId === id && kind === 'member');
    const edges = stack.connections.mirror.collections.memberships;
    const name = String(properties['displayName']).toUpperCase();
    // A round that is under way may bring it back before it is asked for.
    const { edge, fetched } = await until(async () => {
      const lost = await edges.findOneAndDelete({ groupId: id, kind: 'member', present: true });
      const answer = (await json('fetch', name)) as { members: { added: number } };
      return answer.members.added === 1 ? { edge: lost!, fetched: answer } : undefined;
    });
    expect(fetched).toMatchObject({
      ...{ object: { type: 'group', id }, changed: [] },
      members: { present: members.length, added: 1, ended: 0 },
    });
    expect(await edges.findOne({ _id: edge._id })).toMatchObject({ present: true });
  });

  describe('for a connection', () => {
    const admin = async (path: string, body: object) => {
      const answer = await fetch(`${stack.running.url}/admin/connections${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const connect = async (wanted: object) =>
      (await admin('', wanted)).body as { id: string; tenantUrl: string; secret: string };

    it('fetches the same on the command line and by REST', async () => {
      const { userPrincipalName: name } = personAt(8);
      const { tenantId } = stack.connections;
      const { id } = await connect({ name: 'Both', mode: 'both', tenantId });
      const { status: code, body } = await admin(`/${id}/on-demand`, { name });
      expect(code).toBe(200);
      expect(body).toMatchObject({ source: 'graph', connectionId: id, changed: [] });
      expect(await json('fetch', name, '--connection', id)).toEqual(body);
      expect(await json('fetch', name)).toEqual(body);
      expect((await admin(`/${id}/on-demand`, { name: 'nobody@example.com' })).status).toBe(404);
    });

    it('says what Entra sent by SCIM and by which call, and how to have it send now', async () => {
      const { id, tenantUrl, secret } = await connect({ name: 'Sent', mode: 'scim' });
      const send = (method: string, path: string, body: object) =>
        fetch(`${tenantUrl}${path}`, {
          method,
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
          body: JSON.stringify(body),
        });
      const name = 'lin@fabrikam.example';
      const made = await send('POST', '/Users', { userName: name, displayName: 'Lin' });
      const { id: scimId } = (await made.json()) as { id: string };
      const fetchLin = async () => {
        const { body } = await admin(`/${id}/on-demand`, { name });
        return body as { steps: { done: boolean }[]; held: { lastCall: string } };
      };
      expect((await fetchLin()).held).toMatchObject({
        ...{ id: scimId, lastCall: 'POST /Users', attributes: ['displayName', 'userName'] },
      });
      const change = { op: 'Replace', path: 'title', value: 'Engineer' };
      await send('PATCH', `/Users/${scimId}`, { Operations: [change] });
      const fetched = await until(async () => {
        const body = await fetchLin();
        return body.steps.every(({ done }) => done) ? body : undefined;
      });
      expect(fetched).toMatchObject({
        ...{ source: 'scim', object: { type: 'user', id: `scim:${scimId}` }, state: 'active' },
        held: { lastCall: `PATCH /Users/${scimId}` },
        portal: expect.arrayContaining([expect.stringContaining('Provision on demand')]),
      });
      expect(await json('fetch', name)).toEqual(fetched);
      expect(await run('fetch', 'nobody', '--connection', id)).toMatch(
        /^nobody is not here\nNOT +found .*\n1\. Open entra/,
      );
      expect(exitCode()).toBe(1);
    });
  });

  it('leads a connection from its first secret to its end', async () => {
    interface Shown {
      id: string;
      secret: string;
      state: { name: string };
      secrets: { keyId: string; live: boolean }[];
    }
    const connections = (...args: string[]) => json('connections', ...args) as Promise<Shown>;
    const made = await connections('create', '--name', 'Led', '--mode', 'scim');
    const { id } = made;
    expect(await run('connections', 'list')).toContain('Led');
    const shown = await run('connections', 'show', id);
    expect(shown).toMatch(/waiting: Entra has not called yet/);
    expect(shown).toMatch(/sent by SCIM.*0 users, 0 groups/);
    expect((await connections('pause', id)).state.name).toBe('paused');
    expect((await connections('resume', id)).state.name).toBe('waiting');
    const rotated = await connections('rotate', id, '--keep-hours', '1');
    expect([rotated.secrets.length, rotated.secret]).toEqual([
      2,
      expect.not.stringMatching(made.secret),
    ]);
    const revoked = await connections('revoke', id, '--key', made.secrets[0]!.keyId);
    expect(revoked.secrets.map(({ keyId }) => keyId)).toEqual([rotated.secrets[1]!.keyId]);
    const link = (await run('connections', 'setup-link', id, '--hours', '2')).trim();
    expect((await fetch(link)).status).toBe(200);
    await expect(run('connections', 'consent', id)).rejects.toThrow('needs no consent');
    expect(await run('connections', 'remove', id)).toContain('the provisioning job');
    await expect(run('connections', 'show', id)).rejects.toThrow(`There is no connection ${id}`);
  });

  it('switches people and groups of a connection, and says first what that means', async () => {
    const { id } = (await json('connections', 'create', '--name', 'Switched')) as { id: string };
    await expect(run('connections', 'switch', id, '--groups', 'off')).rejects.toThrow(
      /^Confirm the effect\.\n.+/,
    );
    const shown = () => json('connections', 'show', id);
    expect(await shown()).toMatchObject({ users: true, groups: true });
    await run('connections', 'switch', id, '--groups', 'off', '--yes');
    expect(await shown()).toMatchObject({ users: true, groups: false });
    await run('connections', 'switch', id, '--groups', 'on', '--users', 'off', '--yes');
    expect(await shown()).toMatchObject({ users: false, groups: true });
  });

  it('turns a group into a team, shows and ends it', async () => {
    const made = await json('connections', 'create', '--name', 'Teams');
    const { id, tenantUrl, secret } = made as { id: string; tenantUrl: string; secret: string };
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${tenantUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify(body),
      });
      return ((await answer.json()) as { id: string }).id;
    };
    const zoe = await post('/Users', { userName: 'zoe@fabrikam.example', displayName: 'Zoe' });
    const group = await post('/Groups', { displayName: 'Night shift', members: [{ value: zoe }] });
    const team = `scim:${group}`;
    await until(() => run('teams', 'add', id, team).catch(() => undefined));
    expect(await json('teams', 'list', id)).toMatchObject([{ id: team, name: 'Night shift' }]);
    await until(async () => (await run('teams', 'show', id, team)).includes('Zoe'));
    expect(await run('teams', 'add', id, team, '--effective')).toContain('effective');
    const uses = `/admin/connections/${id}/teams/${team}/uses/rota`;
    await fetch(`${stack.running.url}${uses}`, { method: 'PUT' });
    await expect(run('teams', 'remove', id, team)).rejects.toThrow('is in use: rota');
    expect(await json('teams', 'remove', id, team, '--force')).toEqual({ removed: team });
    expect(await run('teams', 'list', id)).toContain('no teams');
  });

  it('says so where nobody knows a name', async () => {
    await expect(run('explain', 'nobody@example.com')).rejects.toThrow('Neither the mirror nor');
  });

  it('exports all that is held of a person', async () => {
    const { id, displayName } = personAt(5);
    const exported = JSON.parse(await run('export', id)) as { person: object };
    expect(exported.person).toMatchObject({ id, displayName });
    expect(exported).toHaveProperty('memberships');
    expect(exported).toMatchObject({ erasure: null, queued: [] });
  });

  it('rule 4.3: erases who is gone, notes it, and no sweep brings the data back', async () => {
    const { id, displayName, userPrincipalName } = personAt(6);
    await expect(run('erase', id, '--yes')).rejects.toThrow('alive in the directory');
    stack.directory.deleteUser(id);
    await until(async () => (await stack.user(id))?.mirror.state === 'softDeleted');
    await expect(run('erase', id)).rejects.toThrow('--yes');
    expect(await json('erase', id, '--yes')).toMatchObject({ id, state: 'softDeleted' });
    await run('sweep', '--wait');
    await run('fetch', id);
    const held = JSON.stringify(await stack.user(id));
    for (const value of [displayName, userPrincipalName]) expect(held).not.toContain(value);
    expect(JSON.parse(await run('export', id))).toMatchObject({ erasure: { id } });
  });

  it('mirrors an erased person again who is restored', async () => {
    const { id, displayName } = personAt(7);
    stack.directory.deleteUser(id);
    await until(async () => (await stack.user(id))?.mirror.state === 'softDeleted');
    await run('erase', id, '--yes');
    stack.directory.restore(id);
    await until(async () => (await stack.user(id))?.['displayName'] === displayName);
    await stack.equal();
  });
});
