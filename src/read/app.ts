import { Router } from 'express';

/** Answers of `/readyz`: the parts by name, true where one answers. */
export type Readiness = Record<string, boolean>;

/**
 * `GET /healthz` (the process runs), `GET /readyz` (its systems answer, and it is not stopping),
 * `GET /status` (JSON, from `status`).
 */
export function createReadRouter(deps: {
  readiness: () => Promise<Readiness>;
  status: () => Promise<object>;
}): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const parts = await deps.readiness();
    const ready = Object.values(parts).every(Boolean);
    response.status(ready ? 200 : 503).json({ ready, parts });
  });
  router.get('/status', async (_request, response) => {
    response.set('cache-control', 'no-store').json(await deps.status());
  });
  return router;
}
