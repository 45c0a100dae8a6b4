import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import type { HeldItem, Hold } from '../mirror/holds.ts';
import { withConnections } from './connected.ts';
import { print, table } from './output.ts';

/** Adds `holds list|approve|reject`. */
export function addHolds(program: Command, env: NodeJS.ProcessEnv): void {
  const holds = program
    .command('holds')
    .description('mass removals that wait for a person, instead of being applied')
    .addHelpText('after', examples);

  holds
    .command('list')
    .description('what is held; with --json each object and its evidence')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: boolean }) =>
      withConnections(env, async (connections) => {
        const found = await readHolds(connections);
        print(json, found, () => inWords(found));
      }),
    );

  for (const [name, state, description, outcome] of decisions) {
    holds
      .command(`${name} <id>`)
      .description(description)
      .option('--json', 'print one JSON object')
      .action((id: string, { json }: { json?: boolean }) =>
        withConnections(env, async ({ mirror }) => {
          const decided = await mirror.holds.decide(id, state, 'person');
          if (!decided)
            throw new Error(`No open hold has the id ${id}: see "entra-mirror holds list".`);
          print(json, { id, state }, () => `${id} is ${state}: ${outcome}`);
        }),
      );
  }
}

const decisions = [
  [
    'approve',
    'approved',
    'have each read again, and remove what is still gone',
    'a scheduler has each read again, and what is still gone is removed',
  ],
  [
    'reject',
    'rejected',
    'keep what is held until it is seen alive',
    'what it holds stays until it is seen alive',
  ],
] as const;

const examples = `
Examples:
  entra-mirror holds list --json
  entra-mirror holds approve 9c0f12ab`;

type HoldReport = Omit<Hold, '_id'> & { id: string; held: HeldItem[] };

/** At most so many of users, of groups and of memberships are listed. */
const listed = 1_000;

async function readHolds({ mirror }: Connections): Promise<HoldReport[]> {
  const tenants = await mirror.tenants.list();
  const holds = await Promise.all(tenants.map(({ id }) => mirror.holds.list(id)));
  return Promise.all(
    holds.flat().map(async ({ _id: id, ...hold }) => {
      const held = hold.items > 0 ? await mirror.holds.itemsOf(id, listed) : [];
      return { id, ...hold, held };
    }),
  );
}

function inWords(holds: readonly HoldReport[]): string {
  return table(
    ['id', 'state', 'removals of', 'left', 'opened', 'tenant'],
    holds.map(({ id, state, groupId, items, openedAt, tenantId }) => [
      id,
      state,
      groupId === undefined ? 'users and groups' : `members of ${groupId}`,
      String(items),
      openedAt.toISOString(),
      tenantId,
    ]),
    'Nothing is held.',
  );
}
