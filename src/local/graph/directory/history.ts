import type { DirectoryEvent } from './event.ts';

/** The changes of the past, newest last; the oldest are forgotten, as delta links expire. */
export interface History {
  events: DirectoryEvent[];
  /** Greatest `lateMs` of any event. */
  latestMs: number;
}

const KEPT_EVENTS = 1_000_000;

export function createHistory(): History {
  return { events: [], latestMs: 0 };
}

export function appendEvent(history: History, event: DirectoryEvent): void {
  history.events.push(event);
  history.latestMs = Math.max(history.latestMs, event.lateMs ?? 0);
  if (history.events.length > KEPT_EVENTS) history.events.splice(0, KEPT_EVENTS / 4);
}

export function lastSequence(history: History): number {
  return history.events.at(-1)?.sequence ?? 0;
}

/** The last change made at `at` or before. */
export function sequenceAt(history: History, at: number): number {
  const { events } = history;
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return events[low - 1]?.sequence ?? (events[0]?.sequence ?? 1) - 1;
}

/** False where changes after `sequence` have been forgotten. */
export function remembers(history: History, sequence: number): boolean {
  return sequence >= (history.events[0]?.sequence ?? 1) - 1;
}

/** Changes with a greater sequence than `sequence`. */
export function eventsAfter(history: History, sequence: number): readonly DirectoryEvent[] {
  const first = history.events[0]?.sequence ?? 1;
  return history.events.slice(Math.max(0, sequence + 1 - first));
}
