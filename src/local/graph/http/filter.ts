import type { Seen } from '../directory/view.ts';
import { badRequest, type GraphReply } from './exchange.ts';

/** Whether an object passes `$filter`. */
type Passes = (seen: Seen) => boolean;

/** What Graph filters by `eq` without the header for advanced queries. */
const PLAIN = new Set([
  ...['department', 'displayName', 'employeeId', 'mail', 'mailNickname', 'userPrincipalName'],
]);
const CLAUSE = /^(\w+) eq '((?:[^']|'')*)'$/;

/** Reads `name eq 'value'` clauses joined by `or`; a reply for anything else. */
export function readFilter(text: string | null): Passes | GraphReply {
  if (text === null) return () => true;
  const clauses = text.split(/ or (?=\w+ eq ')/).map((clause) => CLAUSE.exec(clause.trim()));
  const tests = clauses.map((match) => {
    const [, name = '', value = ''] = match ?? [];
    return { name, value: value.replaceAll("''", "'").toLowerCase() };
  });
  if (tests.some(({ name }) => !PLAIN.has(name))) {
    return badRequest(
      'Unsupported or invalid query filter clause specified.',
      'Request_UnsupportedQuery',
    );
  }
  return ({ properties }) =>
    tests.some(({ name, value }) => textOf(properties[name]).toLowerCase() === value);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
