import express, { type Express } from 'express';
import type { Connections } from '../connect.ts';
import { createProjector } from '../directory/projector.ts';
import type { Closers } from '../ops/shutdown.ts';
import { adminOnly } from '../read/admin.ts';
import { createConnections } from '../scim/connections/manage.ts';
import { createRecorder } from '../scim/connections/recorder.ts';
import { createAdminRouter } from '../scim/http/admin.ts';
import { createSetupRouter } from '../scim/http/setup.ts';
import { createScimApp } from '../scim/http/app.ts';
import { openScimStore } from '../scim/store.ts';

/** Takes what Entra's provisioning service sends, and serves the operators of its connections. */
export async function startApi(
  { db, clock, config, mirror, ...connections }: Connections,
  publicUrl: () => string,
  closers: Closers,
): Promise<{ mounts: Express[] }> {
  const log = connections.log.child({ role: 'api' });
  const store = await openScimStore({ db, clock });
  const recorder = createRecorder({ connections: store.connections, clock, log });
  closers.add('recorder of calls', () => recorder.close());
  const now = () => new Date(clock.now());
  const projector = createProjector({ store, mirror, clock, log });
  closers.add('projector', () => projector.close());
  const onChange = () => projector.wake();
  const scim = createScimApp({ store, recorder, clock, log, publicUrl, onChange });
  const managed = createConnections({ store, now });
  const pages = express();
  pages.disable('x-powered-by');
  pages.use(
    createAdminRouter({
      ...{ store, publicUrl, now, connections: managed },
      directory: (id) => mirror.scimFigures(id),
      forget: (id) => mirror.removeScimTraces(id),
      more: [],
      guard: adminOnly({ token: config.http.adminToken, clock }),
    }),
    createSetupRouter({ connections: managed, publicUrl, now }),
  );
  return { mounts: [scim, pages] };
}
