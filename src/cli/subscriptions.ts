import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import { createManager, type Listed, type SubscriptionManager } from '../subscriptions/manage.ts';
import { underLease } from '../sync/lease.ts';
import { withConnections } from './connected.ts';
import { plural, print, table } from './output.ts';
import { findRunning } from './running.ts';
import { duration } from './status-line.ts';

/** Adds `subscriptions list|renew|rotate|delete|prune`. */
export function addSubscriptions(program: Command, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('subscriptions')
    .description('what Graph notifies us of, and until when')
    .addHelpText('after', examples);

  command
    .command('list')
    .description('ours, orphans that deliver to us, and those of this app that deliver elsewhere')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: boolean }) =>
      withManager(env, async (manager, { tenantId }) => {
        const listed = await manager.list(tenantId, AbortSignal.timeout(limitMs));
        print(json, listed, () => inWords(listed));
      }),
    );

  for (const [name, description, done] of actions) {
    command
      .command(name)
      .description(description)
      .option('--json', 'print one JSON object')
      .action(({ json }: { json?: boolean }) =>
        withManager(env, async (manager, { tenantId }) => {
          const count = await manager[name](tenantId, AbortSignal.timeout(limitMs));
          print(json, { [done]: count }, () => `${plural(count, 'subscription')} ${done}`);
        }),
      );
  }
}

const limitMs = 120_000;
const leaseWaitMs = 30_000;

const actions = [
  ['renew', 'renew all now', 'renewed'],
  ['rotate', 'replace all, each with a new clientState; the gap is swept', 'rotated'],
  ['delete', 'delete all; a scheduler that serves the tenant creates them again', 'deleted'],
  ['prune', 'delete those that deliver to us and that we have no record of', 'pruned'],
] as const;

const examples = `
Examples:
  entra-mirror subscriptions list
  entra-mirror subscriptions rotate   after a clientState may have been seen by others`;

function withManager(
  env: NodeJS.ProcessEnv,
  work: (manager: SubscriptionManager, connections: Connections) => Promise<void>,
): Promise<void> {
  return withConnections(env, async (connections) => {
    const sync = { ...connections, holder: connections.instanceId };
    const manager = createManager({
      ...connections,
      store: connections.subscriptions,
      publicUrl: await publicUrlOf(connections),
      underLease: (name, signal, work) =>
        underLease(sync, name, { signal, waitMs: leaseWaitMs }, (keeper) => work(keeper.signal)),
      requestSweep: (tenantId) => connections.mirror.requestSweep(tenantId),
    });
    await work(manager, connections);
  });
}

async function publicUrlOf({ config }: Connections): Promise<string> {
  const url = config.http.publicUrl ?? (await findRunning(config.dataDir))?.url;
  if (url === undefined)
    throw new Error('PUBLIC_URL is missing: set the address at which Graph reaches the receiver.');
  return url;
}

function inWords(listed: readonly Listed[]): string {
  return table(
    ['resource', 'state', 'ends in', 'in Graph', 'id', 'delivers to'],
    listed.map(({ resource, state, expiresAt, inGraph, subscriptionId, notificationUrl }) => [
      resource,
      state,
      expiresAt ? duration(Math.max(0, expiresAt.getTime() - Date.now())) : '',
      inGraph ? 'yes' : 'no',
      subscriptionId ?? '',
      notificationUrl,
    ]),
    'There are no subscriptions: the scheduler creates them when it runs.',
  );
}
