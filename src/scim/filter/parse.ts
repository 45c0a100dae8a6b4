import { badRequest } from '../errors.ts';
import { tokensOf } from './tokens.ts';

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le' | 'pr';

/** A filter of RFC 7644 section 3.4.2.2. `within` asks one element of a list to meet all of its part. */
export type Filter =
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'compare'; path: string; operator: Operator; value?: FilterValue }
  | { kind: 'within'; path: string; part: Filter };
export type FilterValue = string | number | boolean | null;

const operators = new Set<string>(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr']);
const maxDepth = 20;

/** Throws a `ScimError` (400, invalidFilter) for what is no filter, or one beyond the limits. */
export function parseFilter(source: string): Filter {
  const reader = new FilterReader(tokensOf(source));
  return reader.whole();
}

class FilterReader {
  #at = 0;
  #depth = 0;
  readonly #tokens: readonly string[];
  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): Filter {
    const filter = this.#either();
    if (this.#peek() !== undefined) throw unreadable(`"${String(this.#peek())}" is not expected`);
    return filter;
  }

  #either(): Filter {
    return this.#joined('or', () => this.#joined('and', () => this.#term()));
  }

  #joined(word: 'and' | 'or', next: () => Filter): Filter {
    const first = next();
    const parts = [first];
    while (this.#peek()?.toLowerCase() === word) {
      this.#at += 1;
      parts.push(next());
    }
    return parts.length === 1 ? first : { kind: word, parts };
  }

  #term(): Filter {
    const token = this.#take();
    if (token === '(') return this.#enclosed(')');
    if (token.toLowerCase() === 'not' && this.#peek() === '(') {
      this.#at += 1;
      return { kind: 'not', part: this.#enclosed(')') };
    }
    if (this.#peek() !== '[') return this.#comparison(token);
    this.#at += 1;
    return this.#element(token, this.#enclosed(']'));
  }

  /** `emails[type eq "work"].value eq "x"` asks both of the same element. */
  #element(path: string, part: Filter): Filter {
    if (this.#peek()?.startsWith('.') !== true) return { kind: 'within', path, part };
    const comparison = this.#comparison(this.#take().slice(1));
    return { kind: 'within', path, part: { kind: 'and', parts: [part, comparison] } };
  }

  #enclosed(end: string): Filter {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw unreadable('it is nested too deeply');
    const filter = this.#either();
    if (this.#take() !== end) throw unreadable(`"${end}" is missing`);
    this.#depth -= 1;
    return filter;
  }

  #comparison(path: string): Filter {
    if (!/^[a-z$]/i.test(path)) throw unreadable(`"${path}" is no attribute`);
    const operator = this.#take().toLowerCase();
    if (!isOperator(operator)) throw unreadable(`"${operator}" is no operator`);
    if (operator === 'pr') return { kind: 'compare', path, operator };
    return { kind: 'compare', path, operator, value: valueOf(this.#take()) };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw unreadable('it ends too early');
    this.#at += 1;
    return token;
  }
}

const isOperator = (word: string): word is Operator => operators.has(word);

/** JSON values; a bare word is taken as text, since some clients leave out the quotes. */
function valueOf(token: string): FilterValue {
  if (token.startsWith('"')) {
    try {
      return JSON.parse(token) as string;
    } catch {
      throw unreadable(`${token} is no JSON text`);
    }
  }
  if (/^[()[\]]$/.test(token)) throw unreadable('a value is missing');
  const lower = token.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (lower === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token;
}

const unreadable = (why: string) =>
  badRequest('invalidFilter', `This filter cannot be read: ${why}.`);
