import { setTimeout as delay } from 'node:timers/promises';
import { PermanentError } from '../../ops/errors.ts';
import type { Log } from '../../ops/log.ts';
import type { ScimStore } from '../store.ts';
import type { StoredConnection } from '../types.ts';
import type { Connections } from './manage.ts';
import { missingPermissions } from './state.ts';

interface ProofDeps {
  store: ScimStore;
  connections: Connections;
  /** Permissions in a fresh token for a tenant; throws while Entra gives none. */
  grantsOf: (tenantId: string) => Promise<string[]>;
  /** The tenant is proven and grants what is needed: it is to be mirrored. */
  onBound: (tenantId: string) => Promise<unknown>;
  now: () => Date;
  log: Log;
}

/** Tries tokens for tenants that have consented, until Entra has spread it or the time is over. */
export function createConsentProof({ everyMs, ...deps }: ProofDeps & { everyMs: number }) {
  const closing = new AbortController();
  const { signal } = closing;
  const run = (async () => {
    while (!signal.aborted) {
      await proveAll(deps).catch((error: unknown) => deps.log.warn({ err: error }, 'consents'));
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await run;
    },
  };
}

export async function proveAll(deps: ProofDeps): Promise<void> {
  for (const connection of await deps.connections.list()) {
    if (connection.proving) await prove(deps, connection, connection.proving);
  }
}

async function prove(
  { store, connections, grantsOf, onBound, now }: ProofDeps,
  { _id: id }: StoredConnection,
  { tenantId, endsAt }: NonNullable<StoredConnection['proving']>,
): Promise<void> {
  const granted = await grantsOf(tenantId).catch(() => undefined);
  const isComplete = granted !== undefined && missingPermissions(granted).length === 0;
  if (!isComplete && endsAt > now()) return;
  const end = (what: string) => store.connections.endProof(id, { at: now(), what });
  if (granted === undefined) {
    await end(`tenant ${tenantId} gave no token: consent did not arrive`);
    return;
  }
  try {
    await connections.bind(id, tenantId, granted);
    if (isComplete) await onBound(tenantId);
    await end('consent proven');
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await end(error.message);
  }
}
