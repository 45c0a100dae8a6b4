const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits between the tries of one object: twelve tries over about a day. */
const retryDelays = [
  10 * second,
  30 * second,
  minute,
  3 * minute,
  8 * minute,
  20 * minute,
  45 * minute,
  1.5 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
];

const firstParkMs = 30 * second;
const longestParkMs = 15 * minute;

/** How long an object waits that has failed `attempts` times; `undefined` once it has had its last try. */
export function retryDelayMs(attempts: number, random: () => number): number | undefined {
  const delay = retryDelays[attempts - 1];
  return delay === undefined ? undefined : spread(delay, random);
}

/** How long a set waits that has been parked `parks` times before. */
export function parkDelayMs(parks: number, random: () => number): number {
  return spread(Math.min(longestParkMs, firstParkMs * 2 ** Math.min(parks, 10)), random);
}

/** Up to a fifth more, so that what failed together does not come back together. */
export function spread(ms: number, random: () => number): number {
  return Math.round(ms * (1 + 0.2 * random()));
}
