import express, { type Express } from 'express';
import type { Connections } from '../connect.ts';
import { createProjector } from '../directory/projector.ts';
import type { Closers } from '../ops/shutdown.ts';
import { adminOnly } from '../read/admin.ts';
import { createConnections } from '../scim/connections/manage.ts';
import { createRecorder } from '../scim/connections/recorder.ts';
import { createAdminRouter } from '../scim/http/admin.ts';
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
  const admin = express();
  admin.disable('x-powered-by');
  admin.use(
    createAdminRouter({
      ...{ store, publicUrl, now, connections: createConnections({ store, now }) },
      directory: (id) => mirror.scimFigures(id),
      forget: (id) => mirror.removeScimTraces(id),
      guard: adminOnly({ token: config.http.adminToken, clock }),
    }),
  );
  return { mounts: [scim, admin] };
}
