import type { IncomingMessage } from 'node:http';
import type { Place } from './intake.ts';
import { readBody } from './read-body.ts';

/** The items of a POST, which Graph wraps in `value`; or the status of a POST that has none to read. */
export async function readCollection(
  request: IncomingMessage,
  maxBytes: number,
  place: Place,
): Promise<unknown[] | 400 | 413 | 503 | 'aborted'> {
  const body = await readBody(request, maxBytes, place);
  if (body.kind === 'tooLarge') return 413;
  if (body.kind === 'noRoom') return 503;
  if (body.kind === 'aborted') return 'aborted';
  return parseCollection(body.text) ?? 400;
}

function parseCollection(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isCollection = typeof parsed === 'object' && parsed !== null && 'value' in parsed;
    return isCollection && Array.isArray(parsed.value) ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}
