import type { Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import { openConnections } from './connections.ts';
import { openImports } from './imports.ts';
import { openNicknames } from './nicknames.ts';
import { openRecords } from './records.ts';

export type HrStore = Awaited<ReturnType<typeof openHrStore>>;

/** All that HR's side keeps in MongoDB; `key` seals client secrets. */
export async function openHrStore(options: { db: Db; clock: Clock; key?: string | undefined }) {
  return {
    records: await openRecords(options),
    imports: openImports(options),
    nicknames: openNicknames(options.db),
    connections: openConnections(options),
  };
}
