import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import { searchQueue } from '../queue/search.ts';
import { withConnections } from './connected.ts';
import { deadLettersOf } from './dead-letters.ts';
import { locate } from '../on-demand/locate.ts';
import { print } from './output.ts';

/** Adds `export` and `erase`, for a person's requests about their data. */
export function addPrivacy(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('export')
    .description('all that is held of a person, as one JSON object')
    .argument('<name>', 'object id, user principal name or mail address')
    .addHelpText('after', '\nExample:\n  entra-mirror export ada@contoso.com > ada.json')
    .action((name: string) =>
      withConnections(env, async (connections) => {
        const held = await allOf(connections, name);
        process.stdout.write(`${JSON.stringify(held, undefined, 2)}\n`);
      }),
    );

  program
    .command('erase')
    .description('erase what is held of a person who is gone from the directory, and note it')
    .argument('<id>', 'object id')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', eraseHelp)
    .action((id: string, { yes, json }: { yes?: boolean; json?: boolean }) =>
      withConnections(env, async (connections) => {
        if (!yes) throw new Error('This cannot be undone: say so with --yes.');
        const erasure = await eraseGone(connections, id);
        print(
          json,
          erasure,
          () => `erased at ${erasure.erasedAt.toISOString()}; noted in erasures`,
        );
      }),
    );
}

const eraseHelp = `
A person who is alive in the directory is not erased: the next read would bring all back. Delete the
person there first. A tombstone with the id stays, so that nothing older can bring the data back; someone
who is restored in the directory is mirrored again.

Example:
  entra-mirror erase 5f0c4a52-3b0e-4f43-9d63-0d2f1f6b8a11 --yes`;

async function allOf(connections: Connections, name: string) {
  const { mirror, tenantId, bus, config } = connections;
  const { ref, stored } = await locate(connections, name);
  const { id } = ref;
  const [memberships, reports, erasure, queued, letters] = await Promise.all([
    mirror.collections.memberships.find({ tenantId, memberId: id }).toArray(),
    mirror.reportsOf(tenantId, id),
    mirror.erasureOf(tenantId, id),
    searchQueue({ client: bus, queueName: config.queue, id }),
    deadLettersOf(connections).list(1_000),
  ]);
  const deadLetters = letters.filter(({ changes }) => changes.some((change) => change.id === id));
  return {
    person: stored ?? null,
    memberships,
    reports,
    erasure: erasure ?? null,
    queued,
    deadLetters,
  };
}

async function eraseGone({ graphOf, mirror, tenantId, log }: Connections, id: string) {
  const ref = { type: 'user', id } as const;
  const [read] = await graphOf(tenantId).read([ref], 'onDemand');
  if (read?.kind === 'found')
    throw new Error(`Person ${id} is alive in the directory: delete the person there first.`);
  if (read?.kind !== 'missing' && read?.kind !== 'softDeleted')
    throw new Error(`Graph does not tell whether ${id} is gone: try again, or ask "doctor".`);
  const [held] = await mirror.currentOf(tenantId, [ref]);
  if (!held) throw new Error(`Nothing is held of ${id}.`);
  const erasure = await mirror.erase(tenantId, id);
  if (!erasure)
    throw new Error(
      `The mirror still holds ${id} as active: "fetch ${id}", and erase when it is gone there.`,
    );
  log.warn({ tenantId, id }, 'person erased');
  return erasure;
}
