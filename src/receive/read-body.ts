import type { IncomingMessage } from 'node:http';
import type { Place } from './intake.ts';

type Body =
  { kind: 'whole'; text: string } | { kind: 'tooLarge' } | { kind: 'noRoom' } | { kind: 'aborted' };

/**
 * Reads a body of at most `maxBytes`. One that is somewhat larger is read to its end and dropped, since a
 * client that still sends does not see the answer; one without end is cut off.
 */
export function readBody(request: IncomingMessage, maxBytes: number, place: Place): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let failed: 'tooLarge' | 'noRoom' | undefined;

    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > 4 * maxBytes) request.destroy();
      if (bytes > maxBytes) failed ??= 'tooLarge';
      else if (!place.hold(chunk.length)) failed ??= 'noRoom';
      if (failed) chunks.length = 0;
      else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(failed ? { kind: failed } : { kind: 'whole', text: textOf(chunks) }),
    );
    request.on('close', () => resolve({ kind: 'aborted' }));
    request.on('error', () => resolve({ kind: 'aborted' }));
  });
}

function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  return only && chunks.length === 1 ? only.toString() : Buffer.concat(chunks).toString();
}
