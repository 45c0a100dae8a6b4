import Table from 'cli-table3';
import type { Command } from 'commander';
import type { ConnectionView } from '../scim/connections/view.ts';
import { askAdmin } from './admin-client.ts';

type View = ConnectionView & { secret?: string };
interface Output {
  json?: boolean;
}

const examples = `
Examples:
  entra-mirror connections create --name "Acme" --mode scim
  entra-mirror connections list`;

/** `connections …`: the customers' connections of the running mirror. */
export function addConnections(program: Command, env: NodeJS.ProcessEnv): void {
  const connections = program
    .command('connections')
    .description('customers that are connected by SCIM or by Graph')
    .addHelpText('after', examples);
  addMaking(connections, env);
  addSecrets(connections, env);
  addSetupLink(connections, env);
  addConsent(connections, env);
  addSwitches(connections, env);
}

function addMaking(connections: Command, env: NodeJS.ProcessEnv): void {
  connections
    .command('create')
    .description(
      'connect a customer; prints tenant URL and secret, the secret once and never again',
    )
    .requiredOption('--name <name>', 'of the customer')
    .option('--mode <mode>', 'scim, graph or both', 'scim')
    .option('--tenant <id>', 'the Entra tenant, where it is known')
    .option('--attribute <urn:name...>', 'attributes to take besides the standard ones')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  entra-mirror connections create --name "Acme" --mode scim')
    .action(async ({ name, mode, tenant, attribute, json }: CreateOptions) => {
      const wanted = { name, mode, tenantId: tenant, attributes: attribute };
      print(await askAdmin(env, 'POST', '/connections', wanted), { json });
    });
  connections
    .command('list')
    .description('all connections and how they are')
    .option('--json', 'print one JSON array')
    .action(async ({ json = false }: Output) => {
      const all = (await askAdmin(env, 'GET', '/connections')) as View[];
      process.stdout.write(`${json ? JSON.stringify(all) : listed(all)}\n`);
    });
  onOne(connections, 'show', 'a connection, its secrets and its state', (id) =>
    askAdmin(env, 'GET', `/connections/${id}`),
  );
  connections
    .command('remove <id>')
    .description('remove a connection with all that it sent; says what is left in Entra')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: Output) => {
      const removed = await askAdmin(env, 'DELETE', `/connections/${encodeURIComponent(id)}`);
      const { leftInEntra } = removed as { leftInEntra: string[] };
      const words = ['Removed. To be removed in Entra:', ...leftInEntra.map((one) => `  ${one}`)];
      process.stdout.write(`${json ? JSON.stringify(removed) : words.join('\n')}\n`);
    });
}

interface CreateOptions extends Output {
  name: string;
  mode: string;
  tenant?: string;
  attribute?: string[];
}

function addSecrets(connections: Command, env: NodeJS.ProcessEnv): void {
  connections
    .command('rotate <id>')
    .description('make a second secret; the one in use ends later')
    .option('--keep-hours <n>', 'how long the one in use stays good', Number)
    .option('--json', 'print one JSON object')
    .action(async (id: string, { keepHours, json }: Output & { keepHours?: number }) => {
      const path = `/connections/${encodeURIComponent(id)}/rotate`;
      print(await askAdmin(env, 'POST', path, { keepHours }), { json });
    });
  connections
    .command('revoke <id>')
    .description('end a secret at once, or all of them')
    .option('--key <keyId>', 'which one')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { key, json }: Output & { key?: string }) => {
      const path = `/connections/${encodeURIComponent(id)}/revoke`;
      print(await askAdmin(env, 'POST', path, { keyId: key }), { json });
    });
}

function addSetupLink(connections: Command, env: NodeJS.ProcessEnv): void {
  connections
    .command('setup-link <id>')
    .description('an address for the customer’s administrator, good for one connection')
    .option('--hours <n>', 'how long it is good', Number, 72)
    .option('--json', 'print one JSON object')
    .action(async (id: string, { hours, json }: Output & { hours: number }) => {
      const path = `/connections/${encodeURIComponent(id)}/setup-link`;
      const made = (await askAdmin(env, 'POST', path, { hours })) as { url: string };
      process.stdout.write(`${json ? JSON.stringify(made) : made.url}\n`);
    });
}

function addConsent(connections: Command, env: NodeJS.ProcessEnv): void {
  connections
    .command('consent <id>')
    .description('an address at which an administrator of the tenant lets us follow Graph, once')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: Output) => {
      const path = `/connections/${encodeURIComponent(id)}/consent`;
      const made = (await askAdmin(env, 'POST', path)) as { url: string };
      process.stdout.write(`${json ? JSON.stringify(made) : made.url}\n`);
    });
}

function addSwitches(connections: Command, env: NodeJS.ProcessEnv): void {
  const post = (id: string, what: string) => askAdmin(env, 'POST', `/connections/${id}/${what}`);
  onOne(connections, 'pause', 'answer 503, so that Entra keeps its changes', (id) =>
    post(id, 'pause'),
  );
  onOne(connections, 'resume', 'take calls again', (id) => post(id, 'resume'));
  connections
    .command('switch <id>')
    .description('switch users or groups on or off; without --yes it only says what that means')
    .option('--users <on|off>', 'people')
    .option('--groups <on|off>', 'groups')
    .option('--yes', 'do it')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { users, groups, yes = false, json }: SwitchOptions) => {
      const wanted = { users: isOn(users), groups: isOn(groups), confirm: yes };
      const path = `/connections/${encodeURIComponent(id)}`;
      print(await askAdmin(env, 'PATCH', path, wanted), { json });
    });
}

interface SwitchOptions extends Output {
  users?: string;
  groups?: string;
  yes?: boolean;
}

const isOn = (word: string | undefined) => (word === undefined ? undefined : word === 'on');

function onOne(
  connections: Command,
  name: string,
  description: string,
  ask: (id: string) => Promise<unknown>,
): void {
  connections
    .command(`${name} <id>`)
    .description(description)
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: Output) =>
      print(await ask(encodeURIComponent(id)), options),
    );
}

function print(answer: unknown, { json = false }: { json?: boolean | undefined }): void {
  process.stdout.write(`${json ? JSON.stringify(answer) : inWords(answer as View)}\n`);
}

function inWords(view: View): string {
  const { id, name, mode, tenantId, tenantUrl, state, secrets, secret } = view;
  const rows = new Table({ wordWrap: true });
  const initial = state.initialCycle?.completedAt;
  rows.push(
    ...[{ connection: id }, { name }, { mode }, { tenant: tenantId ?? 'not known' }],
    ...(tenantUrl === null ? [] : [{ 'tenant URL': tenantUrl }]),
    { state: `${state.name}: ${state.reason} ${state.advice}` },
    ...(initial ? [{ 'initial cycle': `completed at ${String(initial)}` }] : []),
    ...(mode === 'graph' ? [] : [{ 'sent by SCIM': sentInWords(view) }]),
    ...(view.superfluous?.length ? [{ superfluous: view.superfluous.join(', ') }] : []),
    ...secrets.map(secretInWords),
  );
  const shown = secret && `Secret (shown this once): ${secret}`;
  return [rows.toString(), ...(shown ? [shown] : [])].join('\n');
}

/** How what SCIM sent stands to what Graph shows. */
function sentInWords({ holds, directory: { both, drifting, ambiguous } }: View): string {
  return [
    `${holds.users} users, ${holds.groups} groups`,
    ...(both > 0 ? [`${both} of them shown by Graph too, ${drifting} said differently`] : []),
    ...(ambiguous > 0 ? [`${ambiguous} could be several`] : []),
  ].join('; ');
}

const secretInWords = ({ keyId, live, endsAt, lastUsedAt }: View['secrets'][number]) => ({
  [`secret ${keyId}`]: [
    live ? (endsAt ? `retiring, until ${String(endsAt)}` : 'active') : 'ended',
    `last used ${lastUsedAt ? String(lastUsedAt) : 'never'}`,
  ].join(', '),
});

function listed(all: readonly View[]): string {
  const rows = new Table({ head: ['id', 'name', 'mode', 'state', 'users', 'groups'] });
  for (const { id, name, mode, state, holds } of all) {
    rows.push([id, name, mode, state.name, holds.users, holds.groups]);
  }
  return rows.toString();
}
