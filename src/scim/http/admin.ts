import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { z } from 'zod';
import { PermanentError } from '../../ops/errors.ts';
import type { Connections, WithSecret } from '../connections/manage.ts';
import { effectOf } from '../connections/switch-effect.ts';
import { viewOf } from '../connections/view.ts';
import type { ScimStore } from '../store.ts';
import type { StoredConnection } from '../types.ts';
import { setupUrl } from './setup.ts';

interface AdminDeps {
  store: ScimStore;
  connections: Connections;
  publicUrl: () => string;
  now: () => Date;
  guard: RequestHandler;
  directory: Parameters<typeof viewOf>[1]['directory'];
  /** Takes back what a connection brought into the directory. */
  forget: (connectionId: string) => Promise<void>;
  /** What else is under one connection. */
  more: readonly Router[];
}

const newConnection = z.object({
  name: z.string().trim().min(1).max(200),
  mode: z.enum(['scim', 'graph', 'both']).default('scim'),
  tenantId: z.uuid().optional(),
  attributes: z
    .array(z.string().regex(/^urn:[\w:.-]+:[a-z]\w*$/i, 'is written <urn>:<name>'))
    .max(100)
    .optional(),
});
const rotation = z.object({ keepHours: z.number().min(0).max(8_760).optional() });
const revocation = z.object({ keyId: z.string().optional() });
const setupLink = z.object({ hours: z.number().positive().max(720).default(72) });
const switches = z.object({
  users: z.boolean().optional(),
  groups: z.boolean().optional(),
  confirm: z.boolean().default(false),
});

/** `/admin/connections`: connections and their secrets, for whom `guard` lets pass. */
export function createAdminRouter(deps: AdminDeps): Router {
  const router = Router();
  const json = express.json({ limit: '100kb' });
  router.use('/admin/connections', deps.guard, json, (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  addLife(router, deps);
  addStates(router, deps);
  addSecrets(router, deps);
  for (const more of deps.more) router.use('/admin/connections/:id', more);
  router.use('/admin', answerErrors);
  return router;
}

const viewed = (deps: AdminDeps, connection: StoredConnection) =>
  viewOf(connection, {
    ...{ store: deps.store, publicUrl: deps.publicUrl(), now: deps.now() },
    directory: deps.directory,
  });

const withSecret = async (deps: AdminDeps, { connection, secret }: WithSecret) => ({
  ...(await viewed(deps, connection)),
  ...(secret !== undefined && { secret }),
});

function addLife(router: Router, deps: AdminDeps): void {
  const { connections } = deps;
  router.get('/admin/connections', async (_request, response) => {
    const all = await connections.list();
    response.json(await Promise.all(all.map((connection) => viewed(deps, connection))));
  });
  router.post('/admin/connections', async ({ body }, response) => {
    const made = await connections.create(newConnection.parse(body));
    response.status(201).json(await withSecret(deps, made));
  });
  router.get('/admin/connections/:id', async ({ params }, response) => {
    response.json(await viewed(deps, await connections.get(params.id)));
  });
  router.delete('/admin/connections/:id', async ({ params }, response) => {
    const removed = await connections.remove(params.id);
    await deps.forget(params.id);
    response.json({ removed: removed._id, leftInEntra: leftInEntra(removed) });
  });
}

function addStates(router: Router, deps: AdminDeps): void {
  const { connections } = deps;
  router.patch('/admin/connections/:id', async ({ params, body }, response) => {
    const { confirm, users, groups } = switches.parse(body);
    const on = { ...(users !== undefined && { users }), ...(groups !== undefined && { groups }) };
    const effect = effectOf(await connections.get(params.id), on);
    if (!confirm) response.status(409).json({ error: 'Confirm the effect.', effect });
    else response.json(await viewed(deps, await connections.switch(params.id, on)));
  });
  router.post('/admin/connections/:id/pause', async ({ params }, response) => {
    response.json(await viewed(deps, await connections.pause(params.id)));
  });
  router.post('/admin/connections/:id/resume', async ({ params }, response) => {
    response.json(await viewed(deps, await connections.resume(params.id)));
  });
}

function addSecrets(router: Router, deps: AdminDeps): void {
  const { connections, now } = deps;
  router.post('/admin/connections/:id/rotate', async ({ params, body }, response) => {
    const { keepHours } = rotation.parse(body ?? {});
    const keepMs = keepHours === undefined ? undefined : keepHours * 3_600_000;
    response.json(await withSecret(deps, await connections.rotate(params.id, keepMs)));
  });
  router.post('/admin/connections/:id/revoke', async ({ params, body }, response) => {
    const { keyId } = revocation.parse(body ?? {});
    response.json(await viewed(deps, await connections.revoke(params.id, keyId)));
  });
  router.post('/admin/connections/:id/setup-link', async ({ params, body }, response) => {
    const { hours } = setupLink.parse(body ?? {});
    const endsAt = new Date(now().getTime() + hours * 3_600_000);
    const url = setupUrl(deps.publicUrl(), await connections.get(params.id), endsAt);
    response.json({ url, endsAt });
  });
}

/** What we cannot take back there. */
function leftInEntra({ mode, tenantId }: StoredConnection): string[] {
  const application = `the enterprise application of this service in tenant ${tenantId ?? 'of the customer'}, with its consent`;
  return [
    ...(mode === 'graph' ? [] : ['the provisioning job: stop it, then delete its application']),
    ...(mode === 'scim' ? [] : [application]),
  ];
}

const statuses: Record<string, number> = { notFound: 404 };

const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof z.ZodError) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    response.status(400).json({ error: problems.join('; ') });
  } else if (error instanceof PermanentError) {
    response.status(statuses[error.code] ?? 409).json({ error: error.message });
  } else next(error);
};
