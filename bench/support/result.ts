import { median, ratios, spread } from './statistics.ts';

/** One measured quantity: the median of its rounds, and how it compares with a baseline of the same run. */
export interface Figure {
  name: string;
  unit: string;
  value: number;
  spread: [least: number, greatest: number];
  rounds: number;
  baseline?: { name: string; value: number; ratio: number; spread: [number, number] };
}

/** What is to be reached; NaN reaches nothing. */
export interface Target {
  name: string;
  value: number;
  atLeast?: number;
  atMost?: number;
}

export interface Result {
  figures: Figure[];
  targets: Target[];
  /** What a reader of the figures must know. */
  notes: string[];
}

interface Samples {
  name: string;
  values: readonly number[];
}

export function figure(
  name: string,
  unit: string,
  values: readonly number[],
  against?: Samples,
): Figure {
  const own = { name, unit, value: median(values), spread: spread(values), rounds: values.length };
  if (!against) return own;
  const divided = ratios(values, against.values);
  return {
    ...own,
    baseline: {
      name: against.name,
      value: median(against.values),
      ratio: median(divided),
      spread: spread(divided),
    },
  };
}

export function isReached({ value, atLeast = -Infinity, atMost = Infinity }: Target): boolean {
  return value >= atLeast && value <= atMost;
}

export const missed = ({ targets }: Result): Target[] =>
  targets.filter((target) => !isReached(target));
