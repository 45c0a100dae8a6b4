import { isDoc, type Doc } from '../engine/document.ts';
import { CommandError } from '../errors.ts';

/** The collection that a command names in its first field. */
export function namespaceOf(command: Doc): string {
  const [name] = Object.values(command);
  if (typeof name === 'string' && name !== '') return `${databaseOf(command)}.${name}`;
  throw new CommandError('InvalidNamespace', 'the command must name a collection');
}

export function databaseOf(command: Doc): string {
  const name = command['$db'];
  if (typeof name === 'string' && name !== '') return name;
  throw new CommandError('InvalidNamespace', 'the command must name a database ($db)');
}

export function docOf(command: Doc, field: string): Doc {
  return optionalDoc(command, field) ?? {};
}

function optionalDoc(command: Doc, field: string): Doc | undefined {
  const value = command[field];
  if (value === undefined || value === null) return undefined;
  if (isDoc(value)) return value;
  throw new CommandError('TypeMismatch', `the field '${field}' must be an object`);
}

export function docsOf(command: Doc, field: string): Doc[] {
  const value = command[field] ?? [];
  if (Array.isArray(value) && value.every(isDoc)) return value;
  throw new CommandError('TypeMismatch', `the field '${field}' must be an array of objects`);
}

export function numberOf(command: Doc, field: string): number {
  const value = command[field] ?? 0;
  if (typeof value !== 'number') {
    throw new CommandError('TypeMismatch', `the field '${field}' must be a number`);
  }
  if (value < 0) {
    throw new CommandError('BadValue', `the field '${field}' must not be negative`);
  }
  return value;
}

/** Only the simple collation is served: another one would silently give other results. */
export function refuseCollation(command: Doc): void {
  const collation = optionalDoc(command, 'collation');
  if (collation && collation['locale'] !== 'simple') {
    throw new CommandError('BadValue', 'this server knows no collation but simple');
  }
}
