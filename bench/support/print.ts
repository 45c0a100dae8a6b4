import Table from 'cli-table3';
import type { Sizes } from './bench.ts';
import type { Machine } from './machine.ts';
import { isReached, type Figure, type Result, type Target } from './result.ts';

/** A result with where and how it came about. */
export interface Run extends Result {
  bench: string;
  sizes: Sizes;
  machine: Machine;
  seconds: number;
  missed: number;
}

export const figureHead = ['what', 'median', 'spread', 'rounds', 'baseline', 'ratio'];
export const targetHead = ['target', 'wanted', 'measured', ''];

export function printResult({ bench, machine, seconds, figures, targets, notes }: Run): void {
  const { at, cpu, cores, memoryGiB, node, load } = machine;
  console.log(
    `${bench}: ${seconds} s on ${cores} x ${cpu}, ${memoryGiB} GiB, Node ${node}, ${at}, load ${load}`,
  );
  console.log(tableOf(figureHead, figures.map(figureRow)));
  console.log(tableOf(targetHead, targets.map(targetRow)));
  for (const note of notes) console.log(note);
}

export function figureRow({ name, unit, value, spread, rounds, baseline }: Figure): string[] {
  const against = baseline
    ? [
        `${short(baseline.value)} (${baseline.name})`,
        `${short(baseline.ratio)} (${range(baseline.spread)})`,
      ]
    : ['', ''];
  return [name, `${short(value)} ${unit}`, range(spread), String(rounds), ...against];
}

export function targetRow(target: Target): string[] {
  const { name, value, atLeast, atMost } = target;
  const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return [name, wanted, short(value), isReached(target) ? 'reached' : 'MISSED'];
}

/** Three digits that say something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

const range = ([least, greatest]: [number, number]) => `${short(least)}–${short(greatest)}`;

function tableOf(head: string[], rows: string[][]): string {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  return table.toString();
}
