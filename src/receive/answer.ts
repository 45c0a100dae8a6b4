import type { ServerResponse } from 'node:http';
import type { ReceiverStats } from './receiver-stats.ts';

export type Status = 202 | 400 | 413 | 503;

/** Answers a POST without a body and counts it. */
export function answer(res: ServerResponse, status: Status, stats: ReceiverStats): void {
  stats[counters[status]] += 1;
  res.writeHead(status, status === 503 ? retryLater : empty);
  res.end();
}

const counters = {
  202: 'accepted',
  400: 'badRequests',
  413: 'tooLarge',
  503: 'refused',
} as const;
const empty = { 'Content-Length': 0 };
const retryLater = { ...empty, 'Retry-After': 5 };
