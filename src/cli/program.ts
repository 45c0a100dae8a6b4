import { Argument, Command } from 'commander';
import { roleNames, type RoleName } from '../roles/start.ts';
import { addAudit } from './audit.ts';
import { addConnections } from './connections.ts';
import { addDeadLetters } from './dead-letters.ts';
import { demo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { demoHr } from './demo-hr.ts';
import { demoScim } from './demo-scim.ts';
import { addExplain } from './explain.ts';
import { addFetch } from './fetch.ts';
import { addPrivacy } from './privacy.ts';
import { addHolds } from './holds.ts';
import { addHr } from './hr.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { addSubscriptions } from './subscriptions.ts';
import { addSweep } from './sweep.ts';
import { addTeams } from './teams.ts';
import { addTenants } from './tenants.ts';
import { wholeNumber } from './whole-number.ts';

/** The command line, `entra-mirror`. Without a command it starts all roles. */
export function createProgram({ env }: { env: NodeJS.ProcessEnv }): Command {
  const program = new Command('entra-mirror')
    .description('A mirror of Microsoft Entra users, groups and memberships in MongoDB.')
    .addHelpText('after', aboutAll)
    .exitOverride();

  program
    .command('start', { isDefault: true })
    .description('start roles in this process; all of them where none is named')
    .addArgument(new Argument('[roles...]', 'which ones').choices(roleNames))
    .option('--users <n>', 'people of the simulated tenant', wholeNumber, 1_000)
    .option('--groups <n>', 'groups of the simulated tenant', wholeNumber, 100)
    .option('--seed <n>', 'seed of the simulated tenant', wholeNumber, 1)
    .option('--rate <n>', 'changes a second in the simulated tenant', wholeNumber, 3)
    .addHelpText(
      'after',
      '\nExamples:\n  entra-mirror start\n  entra-mirror start receiver worker\n  entra-mirror start --users 5000 --rate 20',
    )
    .action((roles: RoleName[], options: SimulationOptions) =>
      start({ env, roles: roles.length > 0 ? roles : roleNames, ...options }),
    );

  addDemo(program);
  program
    .command('status')
    .description('how far the mirror is from its source')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  entra-mirror status --json')
    .action((options: { json?: boolean }) => status({ env, ...options }));
  addAudit(program, env);
  addConnections(program, env);
  addDeadLetters(program, env);
  addDoctor(program, env);
  addExplain(program, env);
  addFetch(program, env);
  addHolds(program, env);
  addHr(program, env);
  addPrivacy(program, env);
  addSubscriptions(program, env);
  addSweep(program, env);
  addTeams(program, env);
  addTenants(program, env);
  return program;
}

const aboutAll = `
Settings are variables of the environment, listed in .env.example. With none of them set, commands find the
local stack that "entra-mirror start" runs; with them, the same systems as the mirror's own processes.

Exit codes: 0 done; 1 it failed, or found something wrong; 2 the command was not understood.

Examples:
  entra-mirror start                   everything, on a local stack with a simulated company
  entra-mirror status
  entra-mirror explain ada@contoso.com
  entra-mirror help dead-letters`;

const demoHelp = `
Exits 0 only where mirror and source are equal.

Examples:
  entra-mirror demo
  entra-mirror demo hr --json`;

const demos = { mirror: demo, hr: demoHr, scim: demoScim };

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('run a whole flow once on a private local stack and compare what it ends with')
    .addArgument(
      new Argument('[flow]', 'the mirror, what HR sends, or what Entra provisions by SCIM')
        .choices(Object.keys(demos))
        .default('mirror'),
    )
    .option('--users <n>', 'people', wholeNumber, 500)
    .option('--groups <n>', 'groups', wholeNumber, 50)
    .option('--changes <n>', 'changes made after the load', wholeNumber, 500)
    .option(
      '--seed <n>',
      'the same seed makes the same company and the same changes',
      wholeNumber,
      7,
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', demoHelp)
    .action(async (flow: keyof typeof demos, options: Parameters<typeof demo>[0]) => {
      process.exitCode = await demos[flow](options);
    });
}

interface SimulationOptions {
  users: number;
  groups: number;
  seed: number;
  rate: number;
}
