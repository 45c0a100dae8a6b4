import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import type { Router } from 'express';
import { createProgram } from '../../src/cli/program.ts';
import { settings } from '../../src/config.ts';
import { createOnDemandRouter } from '../../src/roles/on-demand.ts';
import { createAdminRouter } from '../../src/scim/http/admin.ts';
import { createConsentLinks } from '../../src/scim/http/consent.ts';
import { createTeamsRouter } from '../../src/teams/router.ts';

const pages = ['README.md', 'SECURITY.md', ...pagesIn('docs'), ...pagesIn('infra')];
const texts = pages.map((page) => ({ page, text: readFileSync(page, 'utf8') }));
const program = createProgram({ env: {} });

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

/** What is left of the words after the commands that they name. */
function argumentsOf(
  command: Command,
  [word, ...rest]: string[],
): { command: Command; rest: string[] } {
  const next = command.commands.find((one) => one.name() === word);
  return next
    ? argumentsOf(next, rest)
    : { command, rest: word === undefined ? [] : [word, ...rest] };
}

describe('the documentation', () => {
  it('names commands and options that exist', () => {
    const named = texts.flatMap(({ page, text }) =>
      [...text.matchAll(/entra-mirror (?<words>[a-z][\w\- .=:/[\]|]*)/g)].map(({ groups }) => ({
        page,
        words: groups!['words']!.trim().split(/\s+/),
      })),
    );
    expect(named.length).toBeGreaterThan(15);
    const wrong = named.filter(({ words }) => {
      const { command, rest } = argumentsOf(program, words);
      const options = rest
        .filter((word) => word.startsWith('--'))
        .map((word) => word.split('=')[0]);
      const known = command.options.map(({ long }) => long);
      const isCommand = command !== program && (command.commands.length === 0 || rest.length === 0);
      return !isCommand || options.some((option) => !known.includes(option));
    });
    expect(wrong.map(({ page, words }) => `${page}: ${words.join(' ')}`)).toEqual([]);
  });

  it('has an example in the help of every command', () => {
    const silent = program.commands.filter((command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      return !/^Examples?:\n {2}entra-mirror /m.test(help);
    });
    expect(silent.map((command) => command.name())).toEqual([]);
  });

  it('names settings that exist', () => {
    const ours = texts.filter(({ page }) => !page.startsWith('infra'));
    const wrong = ours.flatMap(({ page, text }) =>
      [...text.matchAll(/`(?<name>[A-Z]{2,}(_[A-Z]+)+)`/g)]
        .map(({ groups }) => groups!['name']!)
        .filter((name) => !(name in settings))
        .map((name) => `${page}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('describes every collection of the program', () => {
    const inCode = new Set(
      readdirSync('src', { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) => [
          ...readFileSync(join('src', file), 'utf8').matchAll(
            /\.collection(<\w+>)?\('(?<name>\w+)'\)/g,
          ),
        ])
        .map(({ groups }) => groups!['name']!),
    );
    const described = texts
      .filter(
        ({ page }) => page === join('docs', 'data-model.md') || page === join('docs', 'hr.md'),
      )
      .flatMap(({ text }) => [
        ...text.matchAll(/^(## (?<heads>[\w, ]+)$|\| (?<cell>`\w+`(, `\w+`)*) \|)/gm),
      ])
      .flatMap(({ groups }) => (groups!['heads'] ?? groups!['cell']!).match(/\w+/g) ?? []);
    expect(inCode.size).toBeGreaterThan(20);
    expect([...inCode].filter((name) => !described.includes(name))).toEqual([]);
  });

  it('describes every request under /admin/connections, and none besides', () => {
    const { text } = texts.find(({ page }) => page === join('docs', 'directory-sync.md'))!;
    const rows = text.split('\n').filter((line) => /^\| `(GET|POST|PUT|PATCH|DELETE) /.test(line));
    const described = rows.flatMap((row) =>
      [...row.split(' | ')[0]!.matchAll(/`(?<request>[A-Z]+ [^`?]+)/g)].map(
        ({ groups }) => groups!['request']!,
      ),
    );
    expect(described.sort()).toEqual(adminRequests().sort());
  });

  it('links to pages that exist', () => {
    const wrong = texts.flatMap(({ page, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)(?<to>[^)#]+)/g)]
        .map(({ groups }) => join(page, '..', groups!['to']!))
        .filter((to) => !exists(to))
        .map((to) => `${page}: ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('names for each threat the test that shows what stands against it', () => {
    const { text } = texts.find(({ page }) => page === join('docs', 'security.md'))!;
    const rows = text.split('\n').filter((line) => line.startsWith('| **'));
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.filter((row) => {
      const tests = [...row.matchAll(/\[(?<title>[^\]]+)\]\(\.\.\/(?<file>test\/[^)]+)\)/g)];
      return (
        tests.length === 0 ||
        !tests.every(({ groups }) => isTest(groups!['file']!, groups!['title']!))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('begins each runbook with its symptom and names metrics that exist', () => {
    const metrics = new Set(
      ['src/read', 'src/ops']
        .flatMap((folder) =>
          readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
        )
        .flatMap((source) => source.match(/entra_mirror_\w+/g) ?? []),
    );
    const runbooks = texts.filter(({ page }) => page.startsWith(join('docs', 'runbooks')));
    expect(runbooks.length).toBeGreaterThanOrEqual(8);
    for (const { text } of runbooks) expect(text).toMatch(/^# .+\n\n\*\*Symptom:\*\*/);
    const wrong = texts.flatMap(({ page, text }) =>
      (text.match(/entra_mirror_\w+/g) ?? [])
        .filter((name) => !metrics.has(name) && name !== 'entra_mirror_demo_')
        .map((name) => `${page}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** A file names it as a test, or as a row of one. */
const isTest = (file: string, title: string): boolean =>
  new RegExp(`['\`]${title.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&')}['\`]`).test(
    readFileSync(file, 'utf8'),
  );

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}

/** Method and path below `/admin/connections`, as the routers have them. */
function adminRequests(): string[] {
  const none = {} as never;
  const own = createAdminRouter({ more: [], guard: () => undefined } as never);
  const ofOne = [
    createConsentLinks(none),
    createTeamsRouter(none),
    createOnDemandRouter(none, none),
  ];
  return [
    ...requestsOf(own).map((request) => request.replace('/admin/connections', '')),
    ...ofOne.flatMap(requestsOf).map((request) => request.replace(' ', ' /{id}')),
  ].map((request) => request.replace(/ $/, ' /'));
}

function requestsOf({ stack }: Router): string[] {
  return stack.flatMap(({ route }) => {
    const path = route?.path.replace(/:(\w+)/g, '{$1}') ?? '';
    const methods = route?.stack.map(({ method }) => method.toUpperCase()) ?? [];
    return [...new Set(methods)].map((method) => `${method} ${path}`);
  });
}
