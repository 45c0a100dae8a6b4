import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/ops/clock.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createConnections } from '../../../src/scim/connections/manage.ts';
import { createRecorder } from '../../../src/scim/connections/recorder.ts';
import { createScimApp } from '../../../src/scim/http/app.ts';
import { openScimStore } from '../../../src/scim/store.ts';
import type { StoredConnection } from '../../../src/scim/types.ts';
import { openTestMongo } from '../../support/mongo.ts';

export const core = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
};

/** A resource or a list as it is answered. */
interface Resource {
  id: string;
  [name: string]: unknown;
}

/** The SCIM server on a port of its own, and Entra's provisioning service as its client. */
export async function startScim(options: { clock?: Clock; maxScanned?: number } = {}) {
  const mongo = await openTestMongo('scim');
  const clock = options.clock ?? systemClock;
  const store = await openScimStore({ db: mongo.db, clock });
  const recorder = createRecorder({ connections: store.connections, clock, log: silentLog });
  let changes = 0;
  let url = '';
  const app = createScimApp({
    ...{ store, recorder, clock, log: silentLog, publicUrl: () => url },
    onChange: () => (changes += 1),
    ...(options.maxScanned !== undefined && { maxScanned: options.maxScanned }),
  });
  const http = createServer(app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const connections = createConnections({ store, now: () => new Date(clock.now()) });

  const connect = async (wanted: Partial<Parameters<typeof connections.create>[0]> = {}) => {
    const made = await connections.create({ name: 'Acme', mode: 'scim', ...wanted });
    return client(url, made.connection, made.secret ?? '');
  };
  return {
    ...{ mongo, store, recorder, connections, connect, url },
    changes: () => changes,
    async close() {
      http.close();
      http.closeAllConnections();
      await recorder.close();
      await mongo.close();
    },
  };
}
export type ScimServer = Awaited<ReturnType<typeof startScim>>;
export type EntraClient = ReturnType<typeof client>;

function client(url: string, connection: StoredConnection, secret: string) {
  const tenantUrl = `${url}/scim/v2/${connection._id}`;
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await fetch(`${tenantUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body !== undefined && { 'content-type': 'application/scim+json; charset=utf-8' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = (text === '' ? {} : JSON.parse(text)) as Resource;
    return { status: answer.status, headers: answer.headers, body: json };
  };
  return {
    ...{ connection, secret, tenantUrl, call },
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    find: (endpoint: string, filter: string) =>
      call(
        'GET',
        `${endpoint}${endpoint.includes('?') ? '&' : '?'}filter=${encodeURIComponent(filter)}`,
      ),
    post: (path: string, body: unknown) => call('POST', path, body),
    put: (path: string, body: unknown) => call('PUT', path, body),
    remove: (path: string) => call('DELETE', path),
    /** A PATCH with these operations. */
    patch: (path: string, ...operations: object[]) => call('PATCH', path, patchOf(operations)),
    async user(name: string, more: object = {}): Promise<Resource> {
      const { body } = await call('POST', '/Users', person(name, more));
      return body;
    },
    async group(displayName: string, more: object = {}): Promise<Resource> {
      const { body } = await call('POST', '/Groups', {
        schemas: [core.group],
        displayName,
        ...more,
      });
      return body;
    },
    async members(groupId: string): Promise<string[]> {
      const { body } = await call('GET', `/Groups/${groupId}`);
      return ((body['members'] ?? []) as { value: string }[]).map(({ value }) => value);
    },
  };
}

const patchOf = (Operations: object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

/** A create as Entra sends it. */
export const person = (name: string, more: object = {}) => ({
  schemas: [core.user, core.enterprise],
  externalId: name,
  userName: `${name}@contoso.example`,
  active: true,
  displayName: name,
  name: { givenName: name, familyName: 'Example' },
  meta: { resourceType: 'User' },
  roles: [],
  ...more,
});
