import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import type { Tenant } from '../mirror/tenants.ts';
import { withConnections } from './connected.ts';
import { foundLocalTenant } from './local-tenant.ts';
import { print, table } from './output.ts';
import { wholeNumber } from './whole-number.ts';

const examples = `
Examples:
  entra-mirror tenants list
  entra-mirror tenants add 7d3c1111-0000-4000-8000-000000000001 --client-id 6a1c2f7e-0b7d-4c53-8a86-3f7f0a1c9b11`;

/** Adds `tenants add|list|pause|resume|remove`. */
export function addTenants(program: Command, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('tenants')
    .description('which tenants are mirrored')
    .addHelpText('after', examples);

  command
    .command('add <tenant-id>')
    .description('mirror a tenant, or set how one is reached')
    .option('--client-id <id>', 'the app that reads it; AZURE_CLIENT_ID otherwise')
    .option('--secret-env <name>', 'variable that holds its secret; AZURE_CLIENT_SECRET otherwise')
    .option('--units <n>', 'resource units that Graph allows the app there per 10 s', wholeNumber)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nSecrets are read from the environment of each process, never stored.')
    .action((tenantId: string, options: AddOptions) =>
      withConnections(env, (connections) => add(connections, tenantId, options)),
    );

  command
    .command('list')
    .description('every tenant, its state, and what there is to do')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: boolean }) =>
      withConnections(env, async ({ mirror }) => {
        const tenants = await mirror.tenants.list();
        print(json, tenants, () => inWords(tenants));
      }),
    );

  for (const [name, description, act] of actions) {
    command
      .command(`${name} <tenant-id>`)
      .description(description)
      .option('--json', 'print one JSON object')
      .action((tenantId: string, { json }: { json?: boolean }) =>
        withConnections(env, (connections) => change(connections, tenantId, act, json)),
      );
  }
}

interface AddOptions {
  clientId?: string;
  secretEnv?: string;
  units?: number;
  json?: boolean;
}

async function add(
  connections: Connections,
  tenantId: string,
  { clientId, secretEnv, units, json }: AddOptions,
): Promise<void> {
  const { mirror, config } = connections;
  await foundLocalTenant(config.graph, tenantId);
  const isThere = await mirror.tenants.connect(tenantId, {
    ...(clientId && { clientId }),
    ...(secretEnv && { secretEnv }),
    ...(units && { unitsPer10s: units }),
  });
  if (!isThere) {
    throw new Error(`Tenant ${tenantId} is being removed: add it again once "list" says removed.`);
  }
  await show(connections, tenantId, json);
}

type Act = (mirror: Connections['mirror'], tenantId: string) => Promise<boolean>;

/** What Graph announces of a paused tenant is dropped, so it is swept afterwards. */
const resume: Act = async (mirror, tenantId) => {
  await mirror.requestSweep(tenantId);
  return mirror.tenants.setState(tenantId, 'served');
};

/** The scheduler does the rest, some minutes later. */
const remove: Act = async (mirror, tenantId) => {
  const isRemoving = await mirror.tenants.setState(tenantId, 'removing');
  if (isRemoving) await mirror.closeCounter(tenantId);
  return isRemoving;
};

const pause: Act = (mirror, tenantId) => mirror.tenants.setState(tenantId, 'paused');

const actions = [
  ['pause', 'stop serving a tenant for a while', pause],
  ['resume', 'serve a paused tenant again, and sweep what it missed', resume],
  ['remove', 'take a tenant and all that is held of it out of the mirror', remove],
] as const;

async function change(
  connections: Connections,
  tenantId: string,
  act: Act,
  json: boolean | undefined,
): Promise<void> {
  const { mirror } = connections;
  if (!(await mirror.tenants.find(tenantId))) {
    throw new Error(`There is no tenant ${tenantId}: see "entra-mirror tenants list".`);
  }
  if (!(await act(mirror, tenantId))) {
    throw new Error(`Tenant ${tenantId} is being removed, or was: only "add" brings it back.`);
  }
  await show(connections, tenantId, json);
}

async function show(
  { mirror }: Connections,
  tenantId: string,
  json: boolean | undefined,
): Promise<void> {
  const tenant = await mirror.tenants.find(tenantId);
  print(json, tenant, () => `${tenantId}: ${tenant?.state ?? 'unknown'}`);
}

function inWords(tenants: readonly Tenant[]): string {
  return table(
    ['tenant', 'state', 'phase', 'app', 'secret in', 'what to do'],
    tenants.map(({ id, state, phase, connection, degraded }) => [
      id,
      degraded === undefined ? state : 'degraded',
      phase,
      connection.clientId ?? 'AZURE_CLIENT_ID',
      connection.secretEnv ?? 'AZURE_CLIENT_SECRET',
      degraded ?? '',
    ]),
    'There are no tenants: add one.',
  );
}
