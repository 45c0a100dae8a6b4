import type { Command } from 'commander';
import { fetchAnywhere, fetchNow } from '../on-demand/fetch-now.ts';
import type { OnDemand } from '../on-demand/types.ts';
import { openDirectory } from '../roles/directory.ts';
import { withConnections } from './connected.ts';
import { print } from './output.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  connection?: string;
  values?: boolean;
  timeout: number;
  json?: boolean;
}

/** Adds `fetch`. */
export function addFetch(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('fetch')
    .description('have a person or group read now, step by step, and show what changed')
    .argument('<name>', 'object id, user principal name, mail address or name of a group')
    .option('--connection <id>', 'of this connection; the mirror’s own tenant where none is given')
    .option('--values', 'show the values too, which are personal data')
    .option('--timeout <seconds>', 'wait at most so long for a worker', wholeNumber, 60)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  entra-mirror fetch ada@contoso.com\n\nExits 1 where a step was not done.',
    )
    .action((name: string, { connection, timeout, values, json }: Options) =>
      withConnections(env, async (connected) => {
        const { onDemand, connections } = await openDirectory(connected);
        const options = { values, limitMs: timeout * 1_000 };
        const result =
          connection === undefined
            ? await fetchAnywhere(onDemand, connected.tenantId, name, options)
            : await fetchNow(onDemand, await connections.get(connection), name, options);
        print(json, result, () => inWords(name, result));
        if (result.steps.some(({ done }) => !done)) process.exitCode = 1;
      }),
    );
}

function inWords(
  name: string,
  { object, state, steps, changed, members, held, portal = [] }: OnDemand,
) {
  const sent = held && `sent: ${held.lastCall} at ${held.changedAt.toISOString()}, as ${held.id}`;
  const names = Array.isArray(held?.attributes)
    ? held.attributes.join(', ')
    : valued(held?.attributes);
  const { present = 0, added = 0, ended = 0 } = members ?? {};
  return [
    object ? `${object.type} ${object.id}: ${state ?? 'not shown'}` : `${name} is not here`,
    ...steps.map(
      ({ step, done, detail }) => `${done ? 'done' : 'NOT '}  ${step.padEnd(9)} ${detail}`,
    ),
    ...(Array.isArray(changed) ? [] : Object.entries(changed).map(changeInWords)),
    ...(members ? [`members: ${present}, ${added} came, ${ended} went`] : []),
    ...(sent === undefined ? [] : [sent, `holds: ${names}`]),
    ...portal.map((line, at) => `${at + 1}. ${line}`),
  ].join('\n');
}

const changeInWords = ([name, { before, after }]: [string, { before: unknown; after: unknown }]) =>
  `${name}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`;

const valued = (attributes: Record<string, unknown> = {}) => JSON.stringify(attributes);
