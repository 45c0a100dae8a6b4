import { Option, type Command } from 'commander';
import type { Selection } from '../queue/dead-letters.ts';
import { withConnections } from './connected.ts';
import {
  bothDeadLetters,
  type QueuedDeadLetter,
  type QueuesOfDeadLetters,
  type WhichQueue,
} from './dead-letters-of.ts';
import { plural, print, table } from './output.ts';
import { duration } from './status-line.ts';
import { wholeNumber } from './whole-number.ts';

const mostLooked = 1_000;

/** Adds `dead-letters list|show|replay|purge`. */
export function addDeadLetters(program: Command, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('dead-letters')
    .description('changes that could not be handled: why, and once more')
    .addHelpText('after', examples);

  command
    .command('list')
    .description('the oldest first: queue, reason, age and object')
    .option('--limit <n>', 'at most so many of each queue', wholeNumber, 100)
    .addOption(queueOption())
    .option('--json', 'print one JSON array')
    .action((options: OfQueue & { limit: number; json?: boolean }) =>
      withDeadLetters(env, options, async (letters) =>
        list(await letters.list(options.limit), options.json),
      ),
    );

  command
    .command('show')
    .description('one, with all that it carries')
    .argument('<id>', 'its id in the list')
    .option('--json', 'print one JSON object')
    .action((id: string, { json }: { json?: boolean }) =>
      withDeadLetters(env, { queue: 'both' }, async (letters) => {
        const found = (await letters.list(mostLooked)).find((letter) => letter.id === id);
        if (!found)
          throw new Error(`There is no dead letter ${id}: "dead-letters list" shows all.`);
        print(json, found, () => JSON.stringify(found, undefined, 2));
      }),
    );

  selecting(command.command('replay'), 'handle them once more, with no tries counted').action(
    (ids: string[], options: Chosen) =>
      withDeadLetters(env, options, async (letters) => {
        const replayed = await letters.replay(selectionOf(ids, options));
        print(options.json, { replayed }, () => `${plural(replayed, 'dead letter')} replayed`);
      }),
  );

  selecting(command.command('purge'), 'delete them for good')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: Chosen & { yes?: boolean }) =>
      withDeadLetters(env, options, async (letters) => {
        const selection = selectionOf(ids, options);
        if (!options.yes) throw new Error('This deletes them for good: say so with --yes.');
        const purged = await letters.purge(selection);
        print(options.json, { purged }, () => `${plural(purged, 'dead letter')} deleted`);
      }),
    );
}

const examples = `
Examples:
  entra-mirror dead-letters list
  entra-mirror dead-letters replay 5f0c4a52-3b0e-4f43-9d63-0d2f1f6b8a11
  entra-mirror dead-letters replay --reason TriedTooOften
  entra-mirror dead-letters replay --queue hr --all
  entra-mirror dead-letters purge --all --yes`;

interface OfQueue {
  queue: WhichQueue | 'both';
}

interface Chosen extends OfQueue {
  reason?: string;
  all?: boolean;
  json?: boolean;
}

const queueOption = () =>
  new Option('--queue <queue>', 'of the directory’s changes, or of HR’s people')
    .choices(['directory', 'hr', 'both'])
    .default('both');

const selecting = (command: Command, description: string): Command =>
  command
    .description(description)
    .argument('[ids...]', 'their ids in the list')
    .option('--reason <reason>', 'all with this reason')
    .option('--all', 'all there are')
    .addOption(queueOption())
    .option('--json', 'print one JSON object');

function selectionOf(ids: readonly string[], { reason, all }: Chosen): Selection {
  const given = [ids.length > 0, reason !== undefined, all === true].filter(Boolean);
  if (given.length !== 1) throw new Error('Say which: give ids, or --reason, or --all.');
  if (reason !== undefined) return { reason };
  return all ? { all } : { ids };
}

function withDeadLetters(
  env: NodeJS.ProcessEnv,
  { queue }: OfQueue,
  work: (letters: QueuesOfDeadLetters) => Promise<void>,
): Promise<void> {
  return withConnections(env, (connections) =>
    work(bothDeadLetters(connections, queue === 'both' ? undefined : queue)),
  );
}

function list(letters: readonly QueuedDeadLetter[], json: boolean | undefined): void {
  print(json, letters, () =>
    table(
      ['id', 'queue', 'reason', 'age', 'objects', 'description'],
      letters.map(({ id, queue, reason, enqueuedAt, changes, description }) => [
        id,
        queue,
        reason,
        enqueuedAt ? duration(Math.max(0, Date.now() - enqueuedAt.getTime())) : '',
        objectsOf(changes),
        description.slice(0, 80),
      ]),
      'There are no dead letters.',
    ),
  );
}

function objectsOf(changes: QueuedDeadLetter['changes']): string {
  const [first] = changes;
  if (!first) return 'cannot be read';
  const more = changes.length > 1 ? ` and ${changes.length - 1} more` : '';
  return `${first.type} ${first.id}${more}`;
}
