import { TenantError } from '../ops/errors.ts';
import type { Connection } from './connections.ts';
import { missingPermissions } from './permissions.ts';
import type { HrStore } from './store.ts';
import type { Directory } from './types.ts';

/** Whether HR may write, what keeps it from it, and what waits. */
export async function readStatus(
  tenantId: string,
  store: HrStore,
  directoryOf: (connection: Connection) => Directory,
) {
  const connection = await store.connections.current(tenantId);
  const undecided = await store.imports.undecided(tenantId);
  const imports = undecided.map(({ _id: id, changed, limit, state, at }) => ({
    ...{ id, changed, limit, state, at },
  }));
  const counts = await store.records.counts(tenantId);
  if (!connection) return { connected: false, tenantId, people: counts, imports };
  const { clientId, connectedAt } = connection;
  const access = await checkAccess(directoryOf(connection));
  return { connected: true, tenantId, clientId, connectedAt, ...access, people: counts, imports };
}

/** Proves by a token and a read that the app can do its work; `problem` says what to do otherwise. */
export async function checkAccess(directory: Directory) {
  try {
    const permissions = await directory.permissions();
    const domains = (await directory.domains()).map(({ name }) => name);
    const missing = missingPermissions(permissions);
    return { token: 'ok', permissions: permissions ?? 'unknown', missing, domains, problem: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const problem = error instanceof TenantError ? `${message} ${error.advice}` : message;
    return { token: 'refused', permissions: [], missing: [], domains: [], problem };
  }
}
