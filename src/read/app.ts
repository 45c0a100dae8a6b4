import { Router, type RequestHandler } from 'express';
import helmet from 'helmet';

/** Answers of `/readyz`: the parts by name, true where one answers. */
export type Readiness = Record<string, boolean>;

/** For administrators: `GET /status` (JSON) and `GET /metrics` (Prometheus' text format); for everybody, its health. */
export function createReadRouter(deps: {
  readiness: () => Promise<Readiness>;
  status: () => Promise<object>;
  metrics: { contentType: string; scrape: () => Promise<string> };
  admin: RequestHandler;
}): Router {
  const { readiness, status, metrics, admin } = deps;
  const router = createHealthRouter(readiness);
  router.get('/status', admin, async (_request, response) => {
    response.set('cache-control', 'no-store').json(await status());
  });
  router.get('/metrics', admin, async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.scrape());
  });
  return router;
}

/** `GET /healthz` (the process runs) and `GET /readyz` (its systems answer, and it is not stopping). */
export function createHealthRouter(readiness: () => Promise<Readiness>): Router {
  const router = Router();
  router.use(helmet());
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const parts = await readiness();
    const ready = Object.values(parts).every(Boolean);
    response.status(ready ? 200 : 503).json({ ready, parts });
  });
  return router;
}
