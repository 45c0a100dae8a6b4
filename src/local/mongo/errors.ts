import type { Doc } from './engine/document.ts';

const codes = {
  BadValue: 2,
  HostUnreachable: 6,
  FailedToParse: 9,
  TypeMismatch: 14,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ShutdownInProgress: 91,
  CommandNotSupported: 115,
  PrimarySteppedDown: 189,
  InvalidIndexSpecificationOption: 197,
  QueryFeatureNotAllowed: 224,
  TransactionTooOld: 225,
  OperationNotSupportedInTransaction: 263,
  NotWritablePrimary: 10107,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
  InterruptedDueToReplStateChange: 11602,
} as const;

type CodeName = keyof typeof codes;

/** Codes after which a driver may repeat a retryable write. */
const retryable: ReadonlySet<number> = new Set([6, 91, 189, 10107, 11600, 11602]);

/** A refusal that the client gets as MongoDB words it; a number stands for a code without a name of its own. */
export class CommandError extends Error {
  readonly code: number;
  readonly details: Doc;
  constructor(code: CodeName | number, message: string, details: Doc = {}) {
    super(message);
    this.code = typeof code === 'number' ? code : codes[code];
    this.details = details;
  }
}

export function errorReply(error: unknown): Doc {
  const known = error instanceof CommandError;
  const code = known ? error.code : 8;
  return {
    ok: 0,
    errmsg: error instanceof Error ? error.message : String(error),
    code,
    codeName: known ? codeName(code) : 'UnknownError',
    ...(retryable.has(code) && { errorLabels: ['RetryableWriteError'] }),
    ...(known && error.details),
  };
}

/** One entry of `writeErrors`; what is no refusal of ours is a defect and goes on as it is. */
export function writeError(error: unknown, index: number): Doc {
  if (!(error instanceof CommandError)) throw error;
  return { index, code: error.code, errmsg: error.message, ...error.details };
}

function codeName(code: number): string {
  const known = Object.entries(codes).find(([, value]) => value === code);
  return known?.[0] ?? `Location${code}`;
}
