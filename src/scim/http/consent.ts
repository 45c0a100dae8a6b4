import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import { PermanentError } from '../../ops/errors.ts';
import { consentUrl, readRedirect, type ConsentApp } from '../connections/consent.ts';
import type { Connections } from '../connections/manage.ts';
import { isSigned } from '../connections/signed.ts';
import type { ScimStore } from '../store.ts';
import { messagePage } from './setup-page.ts';

interface ConsentDeps {
  store: ScimStore;
  connections: Connections;
  /** Undefined where no app is set. */
  app: ConsentApp | undefined;
  publicUrl: () => string;
  now: () => Date;
}

const linkLifeMs = 24 * 3_600_000;
/** Entra takes minutes to spread a consent. */
const spreadMs = 15 * 60_000;

/** `POST …/consent`, for operators: the address at which the customer's administrator consents, once. */
export function createConsentLinks({
  store,
  connections,
  app,
  publicUrl,
  now,
}: ConsentDeps): Router {
  const router = Router({ mergeParams: true });
  router.post('/consent', async (request, response) => {
    const { id = '' } = request.params as { id?: string };
    const connection = await connections.get(id);
    if (connection.mode === 'scim') {
      throw new PermanentError(
        'noGraph',
        'This connection does not follow Graph: it needs no consent.',
      );
    }
    if (!app) throw new PermanentError('noApp', 'Set AZURE_CLIENT_ID: consent is given to an app.');
    const nonce = randomBytes(16).toString('base64url');
    const endsAt = new Date(now().getTime() + linkLifeMs);
    const entry = { at: now(), what: 'asked for consent' };
    await store.connections.change(id, { consent: { nonce, endsAt } }, entry);
    const redirectUri = `${publicUrl()}/consent`;
    response.json({ url: consentUrl(app, connection, { redirectUri, nonce, endsAt }), endsAt });
  });
  return router;
}

/** `GET /consent`: where Entra sends the administrator back to. */
export function createConsentRedirect({ store, connections, now }: ConsentDeps): Router {
  const router = Router();
  router.get('/consent', async ({ query }, response) => {
    response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    const said = readRedirect(query);
    if ('refused' in said) {
      response.status(400).send(messagePage(`Consent was not given: ${said.refused}`));
      return;
    }
    const { connectionId, nonce, signed, tenantId } = said;
    const connection = await connections.get(connectionId).catch(() => undefined);
    const isOurs = connection && isSigned(connection, 'consent', signed, now());
    if (!isOurs || !(await store.connections.takeConsent(connectionId, nonce, now()))) {
      response
        .status(403)
        .send(messagePage('This consent was asked for by nobody, or is used up.'));
      return;
    }
    const proving = { tenantId, endsAt: new Date(now().getTime() + spreadMs) };
    const entry = { at: now(), what: `redirect of tenant ${tenantId}` };
    await store.connections.change(connectionId, { proving }, entry);
    response.send(
      messagePage('Thank you. Your directory is being connected; you can close this page.'),
    );
  });
  return router;
}
