import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const src = resolve('src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const source = readFileSync(join(src, file), 'utf8');
    const imports = ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
    return { file, stage: file.split('/')[0]!, source, imports };
  });

const ours = ({ file, imports }: (typeof files)[number]) =>
  imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(src, resolve(src, dirname(file), name)));

const stages = ['receive', 'queue', 'graph', 'mirror', 'subscriptions', 'read', 'hr', 'scim'];

/** What each folder may import of ours, besides itself. */
const allowed: Record<string, readonly string[]> = {
  ...Object.fromEntries(stages.map((stage) => [stage, ['change.ts', 'ops']])),
  read: ['change.ts', 'ops', 'mirror'],
  sync: ['change.ts', 'ops', 'graph', 'mirror'],
  directory: ['change.ts', 'ops', 'mirror', 'scim'],
  teams: ['ops', 'mirror'],
  'on-demand': ['change.ts', 'ops', 'graph', 'mirror', 'read', 'scim'],
  ops: [],
  local: ['ops'],
  proof: [],
  'change.ts': [],
  'config.ts': ['ops'],
};

const homes: Record<string, readonly string[]> = {
  '@microsoft/microsoft-graph-client': ['graph'],
  '@azure/identity': ['graph', 'queue', 'connect.ts'],
  '@azure/service-bus': ['queue'],
  mongodb: ['mirror', 'subscriptions', 'hr', 'scim', 'teams'],
  express: ['receive', 'read', 'scim', 'teams', 'roles', 'hr', 'local'],
  rhea: ['local'],
  mingo: ['local'],
  bson: ['local', 'mirror'],
};

describe('the structure', () => {
  it('lets a stage import change.ts, ops and itself, and sync, directory and on-demand alone join some', () => {
    const wrong = files
      .filter(({ stage }) => stage in allowed)
      .flatMap((file) =>
        ours(file)
          .map((name) => name.split('/')[0]!)
          .filter((target) => target !== file.stage && !allowed[file.stage]!.includes(target))
          .map((target) => `${file.file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('gives each SDK one home', () => {
    const wrong = files.flatMap(({ file, stage, imports }) =>
      imports
        .filter((name) => !name.startsWith('.'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => name in homes && !homes[name]!.includes(stage))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets SCIM speak to MongoDB in its stores alone', () => {
    const others = files.filter(
      ({ file, stage, imports }) =>
        stage === 'scim' && imports.includes('mongodb') && !/^scim\/store[\w-]*\.ts$/.test(file),
    );
    expect(others.map(({ file }) => file)).toEqual([]);
  });

  it('keeps files under 300 lines and nine of ten under 200', () => {
    const lengths = files.map(({ file, source }) => ({ file, lines: source.split('\n').length }));
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    const long = lengths.filter(({ lines }) => lines > 200);
    expect(long.length / lengths.length).toBeLessThanOrEqual(0.1);
  });

  it('keeps functions under 60 lines and nine of ten under 30', () => {
    const lengths = files.flatMap(({ file, source }) => functionsOf(file, source));
    expect(lengths.filter(({ lines }) => lines > 60)).toEqual([]);
    const long = lengths.filter(({ lines }) => lines > 30);
    expect(long.length / lengths.length).toBeLessThanOrEqual(0.1);
  });
});

function functionsOf(file: string, source: string): { name: string; lines: number }[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2023, true);
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body && ts.isBlock(node.body)) {
      const line = (at: number) => tree.getLineAndCharacterOfPosition(at).line;
      const lines = line(node.body.end) - line(node.body.pos) + 1;
      found.push({ name: `${file}:${line(node.pos) + 1}`, lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
