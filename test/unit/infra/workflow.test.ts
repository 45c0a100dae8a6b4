import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { settings } from '../../../src/config.ts';

const workflow = readFileSync(join('.github', 'workflows', 'ci.yml'), 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};

describe('the workflow', () => {
  it('runs on each Node that is supported', () => {
    expect(workflow).toContain('node: [20, 22, 24]');
  });

  it('sets settings that exist, besides what compose file and parameter files ask for', () => {
    const others = ['ACCEPT_EULA', 'MSSQL_SA_PASSWORD', 'ENTRA_MIRROR_IMAGE'];
    const names = [...workflow.matchAll(/^ +([A-Z][A-Z_]+): /gm)].map((match) => match[1]!);
    const known = names.filter((name) => name in settings);
    expect(known.toSorted()).toEqual(['MONGODB_URI', 'SERVICEBUS_CONNECTION_STRING']);
    expect(names.filter((name) => !(name in settings) && !others.includes(name))).toEqual([]);
  });

  it('takes actions by commit and gives them no right to write', () => {
    const actions = [...workflow.matchAll(/uses: (\S+)/g)].map((match) => match[1]!);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/@[\da-f]{40}$/.test(action))).toEqual([]);
    expect(/^permissions:\n((?: +.*\n)+)/m.exec(workflow)?.[1]).toBe('  contents: read\n');
  });

  it('proves the same as .ci/run', () => {
    const local = readFileSync(join('.ci', 'run'), 'utf8').split('\n');
    const commands = local.filter((line) => /^np[mx] /.test(line) && !line.includes('run build'));
    expect(commands).toHaveLength(6);
    for (const command of commands) expect(workflow).toContain(`run: ${command}\n`);
  });

  it('calls only scripts that there are', () => {
    const scripts = [...workflow.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  it('compiles the templates with the real compiler', () => {
    expect(workflow).toContain('az bicep build --file infra/main.bicep');
    expect(workflow).toContain('az bicep build-params --file');
  });
});
