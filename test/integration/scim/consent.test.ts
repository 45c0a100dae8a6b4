import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { silentLog } from '../../../src/ops/log.ts';
import { stateOf } from '../../../src/scim/connections/state.ts';
import { proveAll } from '../../../src/scim/connections/prove-consent.ts';
import { createConsentLinks, createConsentRedirect } from '../../../src/scim/http/consent.ts';
import { startScim, type ScimServer } from './scim-server.ts';

const tenant = '7d3c1111-0000-4000-8000-00000000c0de';
let scim: ScimServer;
let http: Server;
let url: string;
let granted: string[] | undefined;
const bound: string[] = [];

beforeAll(async () => {
  scim = await startScim();
  const { store, connections } = scim;
  const app = { clientId: 'app', login: 'https://login.example', graph: 'https://graph.example' };
  const deps = { store, connections, app, publicUrl: () => url, now: () => new Date() };
  const server = express();
  server.use('/admin/connections/:id', createConsentLinks(deps));
  server.use(createConsentRedirect(deps));
  http = createServer(server).listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(async () => {
  http.close();
  await scim.close();
});

const prove = (now = new Date()) =>
  proveAll({
    ...{ store: scim.store, connections: scim.connections, log: silentLog, now: () => now },
    grantsOf: async () => granted ?? Promise.reject(new Error('AADSTS700016')),
    onBound: async (tenantId) => bound.push(tenantId),
  });

async function asked(): Promise<{ id: string; consent: URL }> {
  const { connection } = await scim.connections.create({ name: 'Graph', mode: 'graph' });
  const path = `${url}/admin/connections/${connection._id}/consent`;
  const answer = (await (await fetch(path, { method: 'POST' })).json()) as { url: string };
  return { id: connection._id, consent: new URL(answer.url) };
}

const back = (state: string, more: Record<string, string> = {}) =>
  fetch(
    `${url}/consent?${new URLSearchParams({ admin_consent: 'True', tenant, state, ...more }).toString()}`,
  );

const stateNow = async (id: string) => stateOf(await scim.connections.get(id), new Date());

describe('a connection by consent', () => {
  it('goes live once a token proves the consent, however late, and only with what is needed', async () => {
    const { id, consent } = await asked();
    expect(consent.href).toContain('https://login.example/organizations/v2.0/adminconsent');
    expect(consent.searchParams.get('scope')).toBe('https://graph.example/.default');
    const state = consent.searchParams.get('state')!;
    expect((await back(state)).status).toBe(200);
    await prove();
    expect(await stateNow(id)).toMatchObject({
      name: 'waiting',
      reason: expect.stringContaining('spread'),
    });
    granted = ['User.Read.All'];
    await prove();
    expect(bound).toEqual([]);
    granted = ['User.Read.All', 'Group.Read.All'];
    await prove();
    expect([await stateNow(id), bound]).toMatchObject([{ name: 'live' }, [tenant]]);
    expect((await back(state)).status).toBe(403);
    await scim.connections.remove(id);
  });

  it('says which permission is missing once Entra has had its time', async () => {
    const { id, consent } = await asked();
    await back(consent.searchParams.get('state')!);
    granted = ['User.Read.All'];
    await prove(new Date(Date.now() + 16 * 60_000));
    expect(await stateNow(id)).toMatchObject({
      name: 'degraded',
      reason: 'Group.Read.All is not granted.',
    });
    expect(bound).toEqual([tenant]);
    await scim.connections.remove(id);
  });

  it('takes no state that was forged, of another connection, or used', async () => {
    const [one, other] = [await asked(), await asked()];
    const [id, nonce, ...signed] = one.consent.searchParams.get('state')!.split('.');
    const [otherId] = other.consent.searchParams.get('state')!.split('.');
    for (const forged of [
      `${otherId}.${nonce}.${signed.join('.')}`,
      `${id}.nonce.${signed.join('.')}`,
      'x',
    ]) {
      expect((await back(forged)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await scim.connections.get(one.id)).not.toHaveProperty('proving');
  });

  it('reads a refusal as one, though it says admin_consent', async () => {
    const { id, consent } = await asked();
    const refused = { error: 'consent_required', error_description: 'AADSTS65004 declined' };
    const answer = await back(consent.searchParams.get('state')!, refused);
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('AADSTS65004'),
    ]);
    expect(await stateNow(id)).toMatchObject({ name: 'waiting' });
  });
});
