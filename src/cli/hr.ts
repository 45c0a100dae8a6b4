import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import { decideImport } from '../hr/decide-import.ts';
import { explain } from '../hr/explain.ts';
import { importRecords } from '../hr/import-records.ts';
import { connectHr, disconnectHr } from '../hr/life.ts';
import { preview } from '../hr/preview.ts';
import { readRecords } from '../hr/read-records.ts';
import { readStatus } from '../hr/status.ts';
import { openAll } from '../ops/shutdown.ts';
import { openHr, type Hr } from '../roles/hr.ts';
import { withConnections } from './connected.ts';
import { explanationInWords, importInWords, planInWords, statusInWords } from './hr-words.ts';
import { print } from './output.ts';

type Json = { json?: boolean };

/** Adds `hr …`: what HR sends to Entra, and whether it may. */
export function addHr(program: Command, env: NodeJS.ProcessEnv): void {
  const hr = program
    .command('hr')
    .description('let an HR system write people to Entra; off until it is connected')
    .addHelpText('after', examples);
  addLife(hr, env);
  addRecords(hr, env);
  addDecisions(hr, env);
}

const examples = `
Examples:
  entra-mirror hr connect --client-id 6a1c2f7e-0b7d-4c53-8a86-3f7f0a1c9b11
  entra-mirror hr plan employees.csv
  entra-mirror hr import employees.csv
  entra-mirror hr explain ada@contoso.com`;

function addLife(hr: Command, env: NodeJS.ProcessEnv): void {
  hr.command('connect')
    .description('turn it on with an app registration of its own; prints the token for HR once')
    .requiredOption('--client-id <id>', 'the app that writes; never the one that reads')
    .option('--secret-file <file>', 'holds its secret; without one it trusts the managed identity')
    .option('--json', 'print one JSON object')
    .action(({ clientId, secretFile, json }: ConnectOptions) =>
      withHr(env, async (deps, { tenantId, config }) => {
        if (config.tenant !== 'local' && config.tenant.clientId === clientId)
          throw new Error('That app reads the mirror: register another one that writes.');
        const clientSecret = secretFile && (await readFile(secretFile, 'utf8')).trim();
        const made = await connectHr(tenantId, { clientId, clientSecret }, deps);
        if (!('intakeToken' in made)) throw new Error(made.problem);
        print(
          json,
          made,
          () =>
            `Connected. HR shows this token, which is never printed again:\n${made.intakeToken}`,
        );
      }),
    );
  hr.command('disconnect')
    .description('stop writing at once and forget the credentials')
    .option('--json', 'print one JSON object')
    .action(({ json }: Json) =>
      withHr(env, async (deps, { tenantId }) => {
        const disconnected = await disconnectHr(tenantId, deps);
        print(json, { disconnected }, () => (disconnected ? 'Disconnected.' : 'It was off.'));
      }),
    );
  hr.command('status')
    .description('connected or not, what is missing, what waits, was refused or failed')
    .option('--json', 'print one JSON object')
    .action(({ json }: Json) =>
      withHr(env, async ({ store, directoryOf }, { tenantId }) => {
        const status = await readStatus(tenantId, store, directoryOf);
        print(json, status, () => statusInWords(status));
      }),
    );
}

interface ConnectOptions extends Json {
  clientId: string;
  secretFile?: string;
}

function addRecords(hr: Command, env: NodeJS.ProcessEnv): void {
  const records = (name: string, what: string) =>
    hr
      .command(`${name} <file>`)
      .description(`${what}; JSON or CSV, with the fields of docs/hr.md as names or headings`)
      .option('--json', 'print one JSON object');
  records('plan', 'say what a file would change, person by person, and write nothing').action(
    (file: string, { json }: Json) =>
      withHr(env, async (deps, { tenantId }) => {
        const connection = await deps.store.connections.current(tenantId);
        if (!connection) throw new Error('HR is not connected: run "entra-mirror hr connect".');
        const directory = deps.directoryOf(connection);
        const plans = await preview(tenantId, await recordsIn(file), directory, deps);
        print(json, plans, () => planInWords(plans));
      }),
  );
  for (const [name, what] of [
    ['put', 'the same as import'],
    ['import', 'send the people of a file on their way to Entra'],
  ] as const) {
    records(name, what).action((file: string, { json }: Json) =>
      withHr(env, async (deps, { tenantId }) => {
        const answer = await importRecords(tenantId, await recordsIn(file), deps);
        print(json, answer, () => importInWords(answer));
        if (answer.results.some(({ status }) => status === 'invalid')) process.exitCode = 1;
      }),
    );
  }
}

function addDecisions(hr: Command, env: NodeJS.ProcessEnv): void {
  hr.command('explain <name>')
    .description(
      'which rule blocked a person, or what was written when; by employee id or work mail',
    )
    .option('--json', 'print one JSON object')
    .action((name: string, { json }: Json) =>
      withHr(env, async ({ store }, { tenantId }) => {
        const found = await explain(tenantId, name, store);
        if (!found) throw new Error(`HR has sent nobody with the id or work mail ${name}.`);
        print(json, found, () => explanationInWords(found));
      }),
    );
  for (const verdict of ['approve', 'reject'] as const) {
    hr.command(`${verdict} <import>`)
      .description(`${verdict} an import that is held because it changes too many people`)
      .option('--json', 'print one JSON object')
      .action((importId: string, { json }: Json) =>
        withHr(env, async (deps) => {
          const people = await decideImport(importId, verdict, deps);
          if (people === undefined)
            throw new Error(`No import ${importId} is held: see "entra-mirror hr status".`);
          print(json, { importId, verdict, people }, () => `${people} people: ${verdict}`);
        }),
      );
  }
}

async function recordsIn(file: string): Promise<unknown[]> {
  return readRecords(await readFile(file, 'utf8'), file);
}

function withHr(
  env: NodeJS.ProcessEnv,
  work: (hr: Hr, connections: Connections) => Promise<void>,
): Promise<void> {
  return withConnections(env, async (connections) => {
    const opened = await openAll(connections.log, async (closers) => ({
      hr: await openHr(connections, closers),
    }));
    try {
      await work(opened.hr, connections);
    } finally {
      await opened.close();
    }
  });
}
