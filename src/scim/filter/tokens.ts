import { badRequest } from '../errors.ts';

const maxLength = 4_096;
const maxTokens = 512;

/** Brackets, JSON texts and words. Throws a `ScimError` for a filter that is too long. */
export function tokensOf(source: string): string[] {
  if (source.length > maxLength) {
    throw badRequest('invalidFilter', `A filter may have ${maxLength} characters.`);
  }
  const pattern = /\s*([()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+)/y;
  const tokens: string[] = [];
  const end = source.trimEnd().length;
  while (pattern.lastIndex < end) {
    const token = pattern.exec(source)?.[1];
    if (token === undefined) {
      throw badRequest('invalidFilter', 'This filter cannot be read: a quotation mark is missing.');
    }
    if (tokens.push(token) > maxTokens) {
      throw badRequest('invalidFilter', `A filter may have ${maxTokens} parts.`);
    }
  }
  return tokens;
}
