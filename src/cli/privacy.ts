import type { Command } from 'commander';
import { withConnections } from './connected.ts';
import { erasePerson, type Erased } from './erase-person.ts';
import { heldOf, subjectOf } from './held-of-person.ts';
import { plural, print } from './output.ts';

/** Adds `export` and `erase`, for a person's requests about their data. */
export function addPrivacy(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('export')
    .description('all that is held of a person, whatever sent it, as one JSON object')
    .argument('<name>', 'object id, user principal name, mail address, or <connection>/scim:<id>')
    .addHelpText('after', exportHelp)
    .action((name: string) =>
      withConnections(env, async (connections) => {
        const held = await heldOf(connections, await subjectOf(connections, name));
        process.stdout.write(`${JSON.stringify(held, undefined, 2)}\n`);
      }),
    );

  program
    .command('erase')
    .description('erase what is held of a person who is gone from every source, and note it')
    .argument('<id>', 'object id, or <connection>/scim:<id> of whom SCIM alone knows')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', eraseHelp)
    .action((id: string, { yes, json }: { yes?: boolean; json?: boolean }) =>
      withConnections(env, async (connections) => {
        if (!yes) throw new Error('This cannot be undone: say so with --yes.');
        const erased = await erasePerson(connections, id);
        print(json, erased, () => inWords(erased));
      }),
    );
}

function inWords({ erasedAt, scimResources, nicknames, activations }: Erased): string {
  const besides = [
    ...(scimResources > 0 ? [plural(scimResources, 'SCIM resource')] : []),
    ...(nicknames > 0 ? [plural(nicknames, 'nickname')] : []),
    ...(activations > 0 ? [plural(activations, 'activation')] : []),
  ];
  const too = besides.length > 0 ? `, and ${besides.join(', ')}` : '';
  return `erased at ${erasedAt.toISOString()}${too}; noted in erasures`;
}

const exportHelp = `
What Graph, SCIM and HR sent, teams and activations, and the messages in both queues that name the person.

Example:
  entra-mirror export ada@contoso.com > ada.json`;

const eraseHelp = `
Whom a source still sends is not erased: its next request would bring all back. So delete the person in the
directory and in HR, and take the assignment to the application away, first. A tombstone with the id stays,
so that nothing older can bring the data back; who is restored or sent anew is mirrored again.

Example:
  entra-mirror erase 5f0c4a52-3b0e-4f43-9d63-0d2f1f6b8a11 --yes`;
