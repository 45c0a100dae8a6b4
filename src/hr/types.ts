import type { Employee } from './employee.ts';
import type { Refusal } from './rules.ts';

/** A person as Entra shows them. */
export interface Person {
  id: string;
  employeeId: string | null;
  isOnPremises: boolean;
  managerId: string | null;
  /** Those that were asked for; null where unset. */
  properties: Record<string, unknown>;
}
export interface Domain {
  name: string;
  isFederated: boolean;
}

/** What Entra said to one write. */
export type Written =
  | { kind: 'done'; id?: string }
  | { kind: 'conflict'; property: string }
  | { kind: 'missing' }
  | { kind: 'onPremises' }
  | { kind: 'forbidden'; message: string }
  | { kind: 'quotaExceeded'; message: string }
  | { kind: 'refused'; code: string; property?: string; message: string };

/** Entra, as the app that writes people sees it. */
export interface Directory {
  domains(): Promise<Domain[]>;
  get(key: string, properties: readonly string[]): Promise<Person | undefined>;
  find(
    wanted: Partial<Record<'employeeId' | 'mail' | 'userPrincipalName' | 'mailNickname', string>>,
    properties: readonly string[],
  ): Promise<Person[]>;
  create(body: object): Promise<Written>;
  update(id: string, properties: object): Promise<Written>;
  setManager(id: string, managerId: string | null): Promise<Written>;
  permissions(): Promise<string[] | undefined>;
}

/**
 * `gathering`: its import is not complete. `held`: its import waits for a person's approval. `written`: not yet read
 * back. `verified`: Entra shows it. `failed`: Entra answered and does not show it, or refuses for good.
 */
export type RecordState =
  | 'waiting'
  | 'gathering'
  | 'held'
  | 'rejected'
  | 'written'
  | 'verified'
  | 'refused'
  | 'failed'
  | 'removing';

/** One thing that was done; names of properties, never values. */
export interface LogEntry {
  at: Date;
  did: 'created' | 'updated' | 'managerSet' | 'managerCleared' | 'verified' | 'refused' | 'failed';
  what: string;
}

/** `hrEmployees`: what HR wants of one person, and how far it has come. */
export interface StoredRecord {
  /** `<tenantId>/<employeeId>` */
  _id: string;
  tenantId: string;
  employeeId: string;
  /** Work mail in lower case. */
  mail: string;
  /** Null once HR has deleted the record. */
  employee: Employee | null;
  hash: string;
  /** Grows with each record that differs; `doneRevision` is the last one dealt with. */
  revision: number;
  doneRevision: number;
  state: RecordState;
  importId: string | null;
  receivedAt: Date;
  /** Their object id in Entra, once it is known. */
  objectId: string | null;
  /** When we made them in Entra. */
  createdAt: Date | null;
  reason: Refusal | null;
  /** The last failure that may pass. */
  trouble: string | null;
  /** Manager who is not in Entra yet, in lower case. */
  waitsFor: string | null;
  /** Properties that Entra does not let the app write. */
  unsupported: string[];
  writtenAt: Date | null;
  verifiedAt: Date | null;
  /** When our write was seen in the mirror. */
  mirroredAt: Date | null;
  /** Times that Entra did not show what it had taken. */
  rewrites: number;
  log: LogEntry[];
  claimEpoch: number;
  claimUntil: Date;
}
