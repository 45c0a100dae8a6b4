import { PermanentError } from '../ops/errors.ts';
import type { StoredConnection } from '../scim/types.ts';
import { heldByScim, isHeldByScim } from './held-by-scim.ts';
import { readNow } from './read-now.ts';
import type { OnDemand, OnDemandDeps, Options } from './types.ts';

/**
 * One person or group, now: read from Graph by a worker where the customer is connected by Graph, else
 * what Entra's provisioning service has sent and how to have it send now. Throws a `PermanentError` where
 * the name is nobody's, or that of several groups.
 */
export async function fetchNow(
  deps: OnDemandDeps,
  connection: StoredConnection,
  name: string,
  options: Options,
): Promise<OnDemand> {
  const { tenantId, mode } = connection;
  if (mode === 'scim') return heldByScim(deps, connection, name, options);
  if (tenantId !== null) return readNow(deps, { tenantId, connection, name }, options);
  throw new PermanentError('noTenant', 'No tenant is bound to it yet: an administrator consents.');
}

/** The same without a connection named: in this tenant, else by the one connection that holds the name. */
export async function fetchAnywhere(
  deps: OnDemandDeps,
  tenantId: string,
  name: string,
  options: Options,
): Promise<OnDemand> {
  const all = await deps.scim.connections.list();
  const connection = all.find((one) => one.mode !== 'scim' && one.tenantId === tenantId);
  try {
    return await readNow(deps, { tenantId, connection, name }, options);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== 'notFound') throw error;
    const holders: StoredConnection[] = [];
    for (const one of all) if (await isHeldByScim(deps, one, name)) holders.push(one);
    const [holder, second] = holders;
    if (!holder) throw error;
    if (!second) return heldByScim(deps, holder, name, options);
    const ids = holders.map(({ _id }) => _id).join(', ');
    throw new PermanentError('ambiguous', `Several connections hold ${name}; name one: ${ids}.`);
  }
}
