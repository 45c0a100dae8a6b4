import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalTenant } from '../../src/local/graph/server.ts';
import type { ConnectionView } from '../../src/scim/connections/view.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const customer = '0a1b2c3d-0000-4000-8000-00000000c057';

let stack: TestStack;
let tenant: LocalTenant;
beforeAll(async () => {
  stack = await startTestStack({
    ...{ users: 2, groups: 1, roles: ['api'] },
    timings: { consentCheckMs: 50 },
  });
  tenant = stack.graph.addTenant(customer, { users: 2, groups: 1, seed: 5 });
});
afterAll(() => stack.close());

async function admin<T = ConnectionView>(method: string, path = '', body?: object): Promise<T> {
  const answer = await fetch(`${stack.running.url}/admin/connections${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}
const create = () => admin('POST', '', { name: 'Customer', mode: 'graph', tenantId: customer });
/** Where the customer's administrator is sent to. */
const askConsent = async (id: string) =>
  (await admin<{ url: string }>('POST', `/${id}/consent`)).url;
const stateOf = async (id: string) => (await admin('GET', `/${id}`)).state;
const becomes = (id: string, name: string, reason: string) =>
  until(
    async () => {
      const state = await stateOf(id);
      return state.name === name && state.reason.includes(reason);
    },
    { what: `${name}: ${reason}` },
  );
const isMirrored = async () => (await stack.connections.mirror.tenants.find(customer))?.state;

describe('a customer who consents', () => {
  it('is connected once Entra has spread the consent and all that is needed is granted', async () => {
    const { id, state } = await create();
    expect(state).toMatchObject({ name: 'waiting', reason: 'Nobody has consented yet.' });
    tenant.faults.consentSpreads = true;
    tenant.tenant.granted = ['User.Read.All'];
    const page = await fetch(await askConsent(id));
    expect(new URL(page.url).origin).toBe(stack.running.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Thank you')]);
    await becomes(id, 'waiting', 'has not spread');
    tenant.faults.consentSpreads = false;
    await becomes(id, 'waiting', 'has not spread');
    expect(await isMirrored()).toBeUndefined();
    tenant.tenant.granted = ['User.Read.All', 'Group.Read.All', 'Directory.Read.All'];
    await becomes(id, 'live', 'Consent was given');
    expect(await isMirrored()).toBe('served');
    expect(await admin('GET', `/${id}`)).toMatchObject({
      tenantId: customer,
      superfluous: ['Directory.Read.All'],
    });
    // A redirect that is shown again, as from the administrator's history.
    expect((await fetch(page.url)).status).toBe(403);
    await admin('DELETE', `/${id}`);
  });

  it('is not connected by a redirect that nobody asked for, or for another connection', async () => {
    const { id } = await create();
    const asked = await fetch(await askConsent(id), { redirect: 'manual' });
    const back = new URL(asked.headers.get('location') ?? '');
    const [ownId, nonce, ...signed] = (back.searchParams.get('state') ?? '').split('.');
    const forged = [
      ['state', [ownId, 'another', ...signed].join('.')],
      ['state', [ownId, nonce, signed[0], 'x'.repeat(43)].join('.')],
      ['state', ['0'.repeat(18), nonce, ...signed].join('.')],
    ] as const;
    for (const [name, value] of forged) {
      const url = new URL(back);
      url.searchParams.set(name, value);
      expect((await fetch(url)).status).toBe(403);
    }
    expect(await stateOf(id)).toMatchObject({
      name: 'waiting',
      reason: 'Nobody has consented yet.',
    });
    await admin('DELETE', `/${id}`);
  });

  it('who declines is told so, and nothing is awaited', async () => {
    const { id } = await create();
    tenant.faults.declinesConsent = true;
    const page = await fetch(await askConsent(id));
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('AADSTS65004')]);
    expect(await stateOf(id)).toMatchObject({
      name: 'waiting',
      reason: 'Nobody has consented yet.',
    });
    await admin('DELETE', `/${id}`);
  });
});
