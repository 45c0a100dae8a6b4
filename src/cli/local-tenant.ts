import { isLoopback, type Config } from '../config.ts';

/** Where Graph is the simulated one, a tenant has to be founded there before it can be mirrored. */
export async function foundLocalTenant(graph: Config['graph'], tenantId: string): Promise<void> {
  if (graph === 'local' || !isLoopback(graph.baseUrl)) return;
  const answer = await fetch(`${new URL(graph.baseUrl).origin}/__local/tenants`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenantId }),
  });
  if (!answer.ok)
    throw new Error(`The local Graph answers ${answer.status}: ${await answer.text()}`);
}
