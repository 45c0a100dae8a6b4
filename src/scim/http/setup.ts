import { Router, urlencoded, type Request, type Response } from 'express';
import { PermanentError } from '../../ops/errors.ts';
import type { Connections } from '../connections/manage.ts';
import { isSigned, sign } from '../connections/signed.ts';
import type { StoredConnection } from '../types.ts';
import { tenantUrl } from './app.ts';
import { messagePage, setupPage, testPage, type TestResult } from './setup-page.ts';

interface SetupDeps {
  connections: Connections;
  publicUrl: () => string;
  now: () => Date;
}

/** The address of a connection's setup page, for the customer's administrator. */
export const setupUrl = (publicUrl: string, connection: StoredConnection, endsAt: Date): string =>
  `${publicUrl}/setup/${connection._id}/${sign(connection, 'setup', endsAt)}`;

const policy = (frameAncestors: string) =>
  `default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; frame-ancestors ${frameAncestors}; base-uri 'none'`;

/** The setup page of one connection, for whoever has its signed address: plain HTML without scripts. */
export function createSetupRouter({ connections, publicUrl, now }: SetupDeps): Router {
  const router = Router();
  router.use('/setup', (_request, response, next) => {
    response.set({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': policy("'none'"),
    });
    next();
  });
  const find = async ({ params }: Request): Promise<StoredConnection | undefined> => {
    const connection = await connections.get(String(params['id'])).catch(() => undefined);
    const token = String(params['token']);
    return connection && isSigned(connection, 'setup', token, now()) ? connection : undefined;
  };
  const show = (
    request: Request,
    response: Response,
    connection: StoredConnection,
    secret?: string,
  ) => {
    const { _id: id, name } = connection;
    const address = `/setup/${id}/${String(request.params['token'])}`;
    const url = tenantUrl(publicUrl(), id);
    response.type('html').send(setupPage({ name, url, secret, address }));
  };
  router.get('/setup/:id/:token', async (request, response) => {
    const connection = await find(request);
    if (connection) show(request, response, connection);
    else refuse(response);
  });
  router.get('/setup/:id/:token/test', async (request, response) => {
    const connection = await find(request);
    response.set('content-security-policy', policy("'self'"));
    if (connection) response.type('html').send(testPage(testOf(connection)));
    else refuse(response);
  });
  router.post('/setup/:id/:token/secret', urlencoded(), async (request, response) => {
    const connection = await find(request);
    if (!connection) {
      refuse(response);
      return;
    }
    try {
      const made = await connections.renewUnused(connection._id);
      show(request, response, made.connection, made.secret);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      response.status(409).type('html').send(messagePage(error.message));
    }
  });
  return router;
}

function refuse(response: Response): void {
  const message = 'This address has expired or is not complete. Ask for a new one.';
  response.status(403).type('html').send(messagePage(message));
}

/** What became of Test Connection since the newest secret was made (pure). */
function testOf({ secrets, activity }: StoredConnection): TestResult {
  const newest = secrets.at(-1);
  if (!newest) return { state: 'none' };
  const { refusedAt } = activity;
  if (newest.lastUsedAt) return { state: 'passed', at: newest.lastUsedAt };
  return refusedAt && refusedAt > newest.createdAt
    ? { state: 'failed', at: refusedAt }
    : { state: 'waiting' };
}
