import { mixSeeds, seedOf } from '../random.ts';

/** A point of the history, told by both, since late changes count by time. */
export interface Moment {
  sequence: number;
  at: number;
}

/** How a round shows its changes; fixed by its first page, so that all its pages agree. */
export interface Manner {
  changedOnly: boolean;
  copies: boolean;
  repeatRate: number;
  restoredMembers: boolean;
  formerManager: boolean;
}

interface Round {
  type: 'user' | 'group';
  /** `$select` of the first request, which all later ones carry on. */
  select?: string[];
  from: Moment;
}

export type DeltaToken =
  /** `$deltatoken`: everything after `from`. */
  | (Round & { kind: 'link' })
  /** `$skiptoken` of the first round, which enumerates. */
  | (Round & { kind: 'first'; object: number; edge: number })
  /** `$skiptoken` of a later round, which lists the changes between two moments. */
  | (Round & { kind: 'window'; to: Moment; manner: Manner; offset: number });

/** Opaque to clients, and of this tenant only. */
export function writeToken(tenantId: string, token: DeltaToken): string {
  const text = JSON.stringify(token);
  return Buffer.from(`${checkSum(tenantId, text)}.${text}`).toString('base64url');
}

/** Undefined for what this tenant never gave out. */
export function readToken(tenantId: string, token: string): DeltaToken | undefined {
  const [, check, text] =
    /^([0-9a-f]+)\.(.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (!check || !text || check !== checkSum(tenantId, text)) return undefined;
  return JSON.parse(text) as DeltaToken;
}

function checkSum(tenantId: string, text: string): string {
  return (mixSeeds(seedOf(tenantId), seedOf(text)) >>> 0).toString(16);
}
