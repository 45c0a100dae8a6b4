import type { Curve } from './chart.ts';
import { figureHead, figureRow, targetHead, targetRow, type Run } from './print.ts';

/** The page with the tables of `runs` in their places: between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function writeTables(page: string, runs: readonly Run[]): string {
  return runs.reduce((text, run) => {
    const [begin, end] = [`<!-- ${run.bench} -->`, `<!-- /${run.bench} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no place "${begin} … ${end}"`);
    return `${text.slice(0, from + begin.length)}\n\n${asItIs(tablesOf(run))}\n\n${text.slice(to)}`;
  }, page);
}

/** Prettier leaves alone what a run has written. */
const asItIs = (text: string) =>
  `<!-- prettier-ignore-start -->\n${text}<!-- prettier-ignore-end -->`;

function tablesOf({ machine, seconds, sizes, figures, targets, notes }: Run): string {
  const { at, cpu, cores, memoryGiB, node, load } = machine;
  const given = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  const busy = load > cores ? ', so the machine was not idle' : '';
  return [
    `${at}, ${cores} x ${cpu}, ${memoryGiB} GiB, Node ${node}, ${seconds} s, load average ${load} before${busy}. Sizes: ${given.join(', ')}.`,
    '',
    ...table(figureHead, figures.map(figureRow)),
    '',
    ...(targets.length > 0 ? [...table(targetHead, targets.map(targetRow)), ''] : []),
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly string[][]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Figures named `WHAT, N people`, in milliseconds, as one curve for each WHAT. */
export function curvesOf({ figures }: Pick<Run, 'figures'>): Curve[] {
  const curves = new Map<string, Curve>();
  for (const { name, unit, value } of figures) {
    const [, what = '', people = ''] = /^(.*), (\d+) people$/.exec(name) ?? [];
    if (unit !== 'ms' || !what) continue;
    const curve = curves.get(what) ?? { name: what, points: [] };
    curve.points.push({ x: Number(people), y: value });
    curves.set(what, curve);
  }
  return [...curves.values()];
}
