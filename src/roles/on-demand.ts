import { Router } from 'express';
import { z } from 'zod';
import { fetchNow } from '../on-demand/fetch-now.ts';
import type { OnDemandDeps } from '../on-demand/types.ts';
import type { Connections } from '../scim/connections/manage.ts';

const wanted = z.object({
  name: z.string().trim().min(1).max(256),
  values: z.boolean().default(false),
  timeoutSeconds: z.number().min(0).max(300).default(25),
});

/** `POST /on-demand`: one person or group of a connection, now; mounted under `/admin/connections/{id}`. */
export function createOnDemandRouter(deps: OnDemandDeps, connections: Connections): Router {
  const router = Router({ mergeParams: true });
  router.post('/on-demand', async ({ params, body }, response) => {
    const { name, values, timeoutSeconds } = wanted.parse(body);
    const connection = await connections.get(String((params as { id?: string }).id));
    const options = { values, limitMs: timeoutSeconds * 1_000 };
    response.json(await fetchNow(deps, connection, name, options));
  });
  return router;
}
