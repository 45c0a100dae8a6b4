import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../../ops/clock.ts';
import type { Directory } from './directory/directory.ts';
import type { Faults } from './faults.ts';
import { createListener } from './http/listener.ts';
import { openTenant, type OpenTenant, type TenantOptions } from './open-tenant.ts';
import { journalled } from './journal.ts';
import type { Stats } from './stats.ts';
import type { Tenant } from './tenant.ts';

export interface LocalGraphOptions extends TenantOptions {
  /** 0, the default, is a free one. */
  port?: number;
  tenantId?: string;
  /** State survives a restart in this folder; without it, it is gone. */
  dataDir?: string;
  clock?: Clock;
  /** False: requests without a token are taken as the first tenant's. */
  requireToken?: boolean;
}

/** What a test or a demo holds of one simulated tenant. */
export interface LocalTenant {
  tenantId: string;
  directory: Directory;
  /** Changing a field changes the behaviour from then on. */
  faults: Faults;
  stats: Stats;
  tenant: Tenant;
}

export interface LocalGraph extends LocalTenant {
  /** `http://127.0.0.1:PORT/v1.0`. */
  url: string;
  port: number;
  addTenant(tenantId: string, options?: TenantOptions): LocalTenant;
  close(): Promise<void>;
}

const LOCAL_TENANT_ID = '0a1b2c3d-0000-4000-8000-000000000001';

/** Longer than any client keeps an idle connection, so that none is cut while it is reused. */
const KEEP_ALIVE_MS = 120_000;

/** Starts a simulated Microsoft Graph on loopback; one seed, one history. */
export async function startLocalGraph(options: LocalGraphOptions = {}): Promise<LocalGraph> {
  const { port = 0, tenantId = LOCAL_TENANT_ID, clock = systemClock, dataDir, ...first } = options;
  const tenants = new Map<string, Tenant>();
  const opened: OpenTenant[] = [];

  function addTenant(id: string, tenantOptions: TenantOptions = {}): LocalTenant {
    if (tenants.has(id)) throw new Error(`tenant ${id} is there already: choose another id`);
    const open = openTenant(id, { ...tenantOptions, clock, dataDir });
    opened.push(open);
    tenants.set(id, open.tenant);
    const { directory, faults, stats } = open.tenant;
    return { tenantId: id, directory, faults, stats, tenant: open.tenant };
  }

  const primary = addTenant(tenantId, first);
  for (const id of journalled(dataDir)) if (!tenants.has(id)) addTenant(id);
  const anonymous = options.requireToken === false ? { tenantId, appId: 'local' } : undefined;
  const answer = createListener({
    ...{ tenants, anonymous, clock },
    foundTenant: ({ tenantId: id, ...company }) => void addTenant(id, company),
  });
  const server = createServer((message, response) => {
    answer(message, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const closeTenants = () => Promise.all(opened.map((each) => each.close()));
  const actualPort = await listen(server, port).catch(async (error: unknown) => {
    await closeTenants();
    throw error;
  });
  let closed: Promise<unknown> | undefined;
  return {
    ...primary,
    url: `http://127.0.0.1:${actualPort}/v1.0`,
    port: actualPort,
    addTenant,
    async close() {
      await (closed ??= stop(server).then(closeTenants));
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
