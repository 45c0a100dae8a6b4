import type { Connection, Credentials } from './connections.ts';
import { requestPeople } from './hint.ts';
import type { IntakeDeps } from './intake.ts';
import { checkAccess } from './status.ts';
import type { Directory } from './types.ts';

interface LifeDeps extends IntakeDeps {
  /** Entra by the app of a connection. */
  directoryOf: (connection: Connection) => Directory;
}

/**
 * Turns HR on for a tenant once the app has proved itself; what waited meanwhile is asked for again. The token is
 * what HR has to show, and is shown this once. With a problem nothing is turned on.
 */
export async function connectHr(tenantId: string, credentials: Credentials, deps: LifeDeps) {
  const { clientId, clientSecret } = credentials;
  const tried = {
    ...{ tenantId, epoch: `try ${deps.clock.now()}`, clientId },
    ...(clientSecret !== undefined && { clientSecret }),
    connectedAt: new Date(deps.clock.now()),
  };
  const access = await checkAccess(deps.directoryOf(tried));
  if (access.missing.length > 0) {
    const names = access.missing.join(', ');
    return { ...access, problem: `Grant ${names} to the app and give admin consent.` };
  }
  if (access.problem !== null) return access;
  const { token } = await deps.store.connections.connect(tenantId, credentials);
  const waiting = await deps.store.records.inState(tenantId, ['waiting', 'written']);
  await requestPeople(deps, tenantId, waiting);
  return { ...access, intakeToken: token };
}

/** Stops writing at once and forgets the credentials; false where it was off. */
export function disconnectHr(tenantId: string, { store }: LifeDeps): Promise<boolean> {
  return store.connections.disconnect(tenantId);
}
