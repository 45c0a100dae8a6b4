import type { Command } from 'commander';
import { askAdmin } from './admin-client.ts';
import { print, table } from './output.ts';

interface Team {
  id: string;
  name: string;
  members: string;
  status: string;
  reason: string | null;
  syncedAt: string | null;
  uses: string[];
  people?: { id: string; displayName?: string; inScope: boolean; activated: boolean }[];
}
interface Output {
  json?: boolean;
}

const examples = `
Example:
  entra-mirror teams list CONNECTION`;

/** `teams …`: groups of a connection that the application has turned into teams. */
export function addTeams(program: Command, env: NodeJS.ProcessEnv): void {
  const teams = program
    .command('teams')
    .description('groups of a connection as teams')
    .addHelpText('after', examples);
  const path = (connection: string, group = '') =>
    `/connections/${encodeURIComponent(connection)}/teams${group && `/${encodeURIComponent(group)}`}`;
  command(teams, 'list <connection>', 'all teams of a connection').action(
    async (connection: string, { json }: Output) => {
      const all = (await askAdmin(env, 'GET', path(connection))) as Team[];
      print(json, all, () => listed(all));
    },
  );
  command(teams, 'add <connection> <group-id>', 'turn a group into a team')
    .option('--effective', 'members of nested groups too')
    .action(
      async (connection: string, group: string, options: Output & { effective?: boolean }) => {
        const body = { members: options.effective ? 'effective' : 'direct' };
        const team = (await askAdmin(env, 'PUT', path(connection, group), body)) as Team;
        print(options.json, team, () => listed([team]));
      },
    );
  command(teams, 'show <connection> <group-id>', 'a team and its first hundred people').action(
    async (connection: string, group: string, { json }: Output) => {
      const team = (await askAdmin(env, 'GET', path(connection, group))) as Team;
      print(json, team, () => [listed([team]), people(team)].join('\n'));
    },
  );
  command(teams, 'remove <connection> <group-id>', 'end a team; its group stays')
    .option('--force', 'though the application says that it is in use')
    .action(
      async (connection: string, group: string, { force, json }: Output & { force?: boolean }) => {
        await askAdmin(env, 'DELETE', `${path(connection, group)}${force ? '?force=true' : ''}`);
        print(json, { removed: group }, () => 'Removed.');
      },
    );
}

const command = (teams: Command, usage: string, description: string) =>
  teams.command(usage).description(description).option('--json', 'print JSON');

const listed = (teams: readonly Team[]) =>
  table(
    ['group', 'name', 'members', 'status', 'last sync', 'uses'],
    teams.map(({ id, name, members, status, reason, syncedAt, uses }) => [
      ...[id, name, members, reason ? `${status}: ${reason}` : status],
      ...[syncedAt ?? 'never', uses.join(', ')],
    ]),
    'no teams',
  );

const people = (team: Team) =>
  table(
    ['person', 'name', 'activated'],
    (team.people ?? []).map(({ id, displayName, inScope, activated }) => [
      ...[id, inScope ? (displayName ?? '') : '(out of scope)', activated ? 'yes' : 'no'],
    ]),
    'nobody',
  );
