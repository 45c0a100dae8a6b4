import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { timings } from '../../../src/ops/metrics.ts';
import { metricTable } from '../../../src/read/metrics.ts';

const rules = readFileSync(join('infra', 'alerts', 'rules.yaml'), 'utf8');
const dashboard = JSON.parse(readFileSync(join('infra', 'grafana', 'dashboard.json'), 'utf8')) as {
  panels: { id: number; targets?: { expr: string }[] }[];
};
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const alerts = [...rules.matchAll(/^ +expr: (.+)$/gm)].map((match) => match[1]!);

/** Names and labels as a scrape shows them. */
const shown = new Map<string, readonly string[]>([
  ...metricTable.map(({ name, labels = [] }) => [name, labels] as const),
  ...timings.flatMap(({ name }) =>
    ['_bucket', '_sum', '_count'].map((part) => [`${name}${part}`, ['le']] as const),
  ),
]);
const namesIn = (expressions: string[]) =>
  expressions.flatMap((expression) => expression.match(/entra_mirror_\w+/g) ?? []);

describe.each([
  ['the dashboard', queries],
  ['the alert rules', alerts],
])('%s', (_name, expressions) => {
  it('names only metrics that exist', () => {
    expect(expressions.length).toBeGreaterThan(10);
    expect(namesIn(expressions).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('selects only by labels that the metric has', () => {
    const selectors = expressions.flatMap((expression) => [
      ...expression.matchAll(/(entra_mirror_\w+)\{(\w+)/g),
    ]);
    const unknown = selectors.filter(([, name, label]) => !shown.get(name!)?.includes(label!));
    expect(unknown.map(([text]) => text)).toEqual([]);
  });

  it('takes rates of counters alone', () => {
    const rated = expressions.flatMap((expression) => [
      ...expression.matchAll(/(?:rate|increase)\((entra_mirror_\w+)/g),
    ]);
    const wrong = rated
      .map((match) => match[1]!)
      .filter((name) => !/_(total|bucket|sum|count)$/.test(name));
    expect(wrong).toEqual([]);
  });

  it('balances its parentheses', () => {
    const count = (text: string, sign: string) => text.split(sign).length;
    const odd = expressions.filter((text) => count(text, '(') !== count(text, ')'));
    expect(odd).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('shows every metric but those for alerts alone', () => {
    const used = namesIn([...queries, ...alerts]);
    const unseen = metricTable.map(({ name }) => name).filter((name) => !used.includes(name));
    expect(unseen).toEqual(['entra_mirror_loss_ratio', 'entra_mirror_sweeps_total']);
  });

  it('gives each panel an id of its own', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the alert rules', () => {
  it('name a runbook that exists, a severity and what happened, each', () => {
    const count = (pattern: RegExp) => rules.match(pattern)?.length;
    expect(count(/^ +runbook: /gm)).toBe(alerts.length);
    expect(count(/^ +summary: /gm)).toBe(alerts.length);
    expect(count(/severity: (critical|warning) /g)).toBe(alerts.length);
    const runbooks = [...rules.matchAll(/runbook: (\S+)/g)].map((match) => match[1]!);
    expect(runbooks.filter((path) => !existsSync(path))).toEqual([]);
  });
});
