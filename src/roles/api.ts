import express, { type Express } from 'express';
import type { Connections } from '../connect.ts';
import { createProjector } from '../directory/projector.ts';
import { appAt, loginOf } from '../graph/credential.ts';
import { rolesOf } from '../graph/roles.ts';
import { createHrApp } from '../hr/app.ts';
import type { Closers } from '../ops/shutdown.ts';
import { adminOnly } from '../read/admin.ts';
import { createConsentProof } from '../scim/connections/prove-consent.ts';
import { createRecorder } from '../scim/connections/recorder.ts';
import { createAdminRouter } from '../scim/http/admin.ts';
import { createConsentLinks, createConsentRedirect } from '../scim/http/consent.ts';
import { createSetupRouter } from '../scim/http/setup.ts';
import { createScimApp } from '../scim/http/app.ts';
import { createTeamKeeper } from '../teams/keeper.ts';
import { createTeamsRouter } from '../teams/router.ts';
import { openDirectory } from './directory.ts';
import { createOnDemandRouter } from './on-demand.ts';

/** Takes what HR and what Entra's provisioning service sends, and serves the operators of its connections. */
export async function startApi(
  connected: Connections,
  { hr, publicUrl }: { hr: Parameters<typeof createHrApp>[0] | undefined; publicUrl: () => string },
  closers: Closers,
): Promise<Express[]> {
  const { clock, config, mirror } = connected;
  const log = connected.log.child({ role: 'api' });
  const { now, store, connections: managed, teams, onDemand } = await openDirectory(connected);
  const recorder = createRecorder({ connections: store.connections, clock, log });
  closers.add('recorder of calls', () => recorder.close());
  const projector = createProjector({ store, mirror, clock, log });
  closers.add('projector', () => projector.close());
  const onChange = () => projector.wake();
  const scim = createScimApp({
    ...{ store, recorder, clock, log, publicUrl, onChange },
    onAnswered: countScim(connected),
  });
  const consent = { store, connections: managed, app: consentApp(connected), publicUrl, now };
  const proof = createConsentProof({
    ...{ store, connections: managed, now, log },
    grantsOf: (tenantId) => grantsOf(connected, tenantId),
    onBound: (tenantId) => mirrorTenant(connected, tenantId),
    everyMs: connected.timings.consentCheckMs,
  });
  closers.add('proof of consents', () => proof.close());
  const keeper = createTeamKeeper({ ...teams, clock, log });
  closers.add('keeper of teams', () => keeper.close());
  const pages = express();
  pages.disable('x-powered-by');
  pages.use(
    createAdminRouter({
      ...{ store, publicUrl, now, connections: managed },
      directory: (id) => mirror.scimFigures(id),
      forget: (id) => mirror.removeScimTraces(id),
      more: [
        createConsentLinks(consent),
        createTeamsRouter(teams),
        createOnDemandRouter(onDemand, managed),
      ],
      guard: adminOnly({ token: config.http.adminToken, clock }),
    }),
    createSetupRouter({ connections: managed, publicUrl, now }),
    createConsentRedirect(consent),
  );
  return [...(hr ? [createHrApp(hr)] : []), scim, pages];
}

/** By method and class of the status, so that the names stay few. */
const countScim =
  ({ figures, metrics }: Connections) =>
  ({ method, status, ms }: { method: string; status: number; ms: number }) => {
    const known = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
    figures.count(`scim.${known}.${Math.floor(status / 100)}xx`);
    if (status === 429) figures.count('scim.throttled');
    metrics.scimAnswered(ms);
  };

/** Sign-in is where this cloud's Graph is. */
function consentApp({ config, baseUrl }: Connections) {
  const own = config.tenant === 'local' ? undefined : config.tenant.clientId;
  const clientId = appAt(baseUrl, own);
  if (clientId === undefined) return undefined;
  const { origin } = new URL(baseUrl);
  return { clientId, login: loginOf(baseUrl), graph: origin };
}

/** One that is mirrored already keeps the settings of its own. */
async function mirrorTenant({ mirror: { tenants } }: Connections, tenantId: string): Promise<void> {
  const state = (await tenants.find(tenantId))?.state;
  if (state !== 'served' && state !== 'paused') await tenants.connect(tenantId, {});
}

/** A token from before the consent would not show it, so that a fresh one is asked for. */
async function grantsOf({ credentialOf, baseUrl }: Connections, tenantId: string) {
  const claims = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';
  const scope = `${new URL(baseUrl).origin}/.default`;
  const token = await credentialOf(tenantId).getToken(scope, { claims });
  return rolesOf(token?.token ?? '') ?? [];
}
