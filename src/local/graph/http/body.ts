import type { IncomingMessage } from 'node:http';

const LONGEST_BYTES = 4 * 2 ** 20;

/** The whole body as text; undefined where it is longer than Graph takes. */
export async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BYTES) chunks.push(chunk);
  }
  return length > LONGEST_BYTES ? undefined : Buffer.concat(chunks).toString();
}

/** Undefined for an empty body, and null for one that is not JSON. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
