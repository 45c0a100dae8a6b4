import type { Answer } from './answer.ts';
import { batchBody, partAnswer } from './batch-body.ts';
import { retryAfterMs } from './retry-after.ts';

/** Base resource units by path; what is not listed costs 1. */
const bases: readonly [RegExp, number][] = [
  [/^\/users$/, 2],
  [/^\/groups\/[^/]+\/members$/, 3],
  [/^\/groups\/[^/]+\/transitiveMembers$/, 5],
  [/^\/users\/[^/]+\/(transitiveM|m)emberOf$/, 2],
  [/^\/directoryObjects\/getByIds$/, 5],
];

/** Resource units that Graph will count for a GET of this path and query. */
export function estimateUnits(pathAndQuery: string): number {
  const [path = '', query = ''] = pathAndQuery.split('?');
  const base = bases.find(([pattern]) => pattern.test(path))?.[1] ?? 1;
  const top = /\$top=(\d+)/.exec(query)?.[1];
  const modifiers =
    (query.includes('$expand=') ? 1 : 0) -
    (/(^|&)\$select=/.test(query) ? 1 : 0) -
    (top !== undefined && Number(top) < 20 ? 1 : 0);
  return Math.max(1, base + modifiers);
}

/** What one request taught about the budget. */
export interface Observation {
  /** Units counted by Graph; undefined where it does not say. */
  units?: number;
  /** Share of the limit in use, said by Graph from 0.8 upwards. */
  limitShare?: number;
  /** Graph wants no request of this app and tenant for so long. */
  retryAfterMs?: number;
  /** Parts or requests answered 429. */
  throttled: number;
}

/** Reads the throttling headers of an answer, and of its parts where it is a `$batch`. */
export function observe(answer: Answer, now: number): Observation {
  const parts = batchBody.safeParse(answer.body).data?.responses.map(partAnswer) ?? [];
  const answers = [answer, ...parts];
  const numbers = (name: string) => answers.flatMap((each) => numberOf(each.header(name)));
  const units = numbers('x-ms-resource-unit');
  const shares = numbers('x-ms-throttle-limit-percentage');
  const throttled = answers.filter(({ status }) => status === 429);
  const waits = throttled.map((each) => retryAfterMs(each.header('retry-after'), now) ?? 1_000);
  return {
    throttled: throttled.length,
    ...(units.length > 0 ? { units: units.reduce((sum, each) => sum + each, 0) } : {}),
    ...(shares.length > 0 ? { limitShare: Math.max(...shares) } : {}),
    ...(waits.length > 0 ? { retryAfterMs: Math.max(...waits) } : {}),
  };
}

function numberOf(text: string | undefined): number[] {
  const value = Number(text?.trim() || NaN);
  return value >= 0 ? [value] : [];
}
