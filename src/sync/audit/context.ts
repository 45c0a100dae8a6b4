import type { SyncDeps } from '../deps.ts';
import type { Scratch } from './scratch.ts';
import type { Tally } from './tally.ts';

export type AuditDeps = Pick<
  SyncDeps,
  'graphOf' | 'mirror' | 'publish' | 'clock' | 'timings' | 'log'
>;

/** What the steps of one audit share. */
export interface Audit {
  deps: AuditDeps;
  tenantId: string;
  signal: AbortSignal;
  /** Called before each page; throws where the audit must stop. */
  keep: () => Promise<void>;
  scratch: Scratch;
  tally: Tally;
}
