import type { Answer } from './answer.ts';
import { batchBody, partAnswer } from './batch-body.ts';
import type { GraphClient } from './client.ts';
import { estimateUnits } from './cost.ts';
import { malformed } from './errors.ts';
import type { Lane } from './types.ts';

/** Graph takes no more parts in one `$batch`. */
const partsPerBatch = 20;
const batchesUnderWay = 8;

/**
 * GETs many paths, 20 a `$batch`, several under way; an answer per path, in their order. A part without
 * an answer, and each part of a batch that failed as a whole, is an error. Rejects only when aborted.
 */
export async function batchGet(
  client: GraphClient,
  paths: readonly string[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<(Answer | Error)[]> {
  const chunks = chunked(paths, partsPerBatch);
  const results: (Answer | Error)[][] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < chunks.length; index = next++) {
      results[index] = await oneBatch(client, chunks[index] ?? [], lane, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(batchesUnderWay, chunks.length) }, worker));
  return results.flat();
}

async function oneBatch(
  client: GraphClient,
  paths: readonly string[],
  lane: Lane,
  signal: AbortSignal | undefined,
): Promise<(Answer | Error)[]> {
  const requests = paths.map((url, index) => ({ id: String(index + 1), method: 'GET', url }));
  const units = paths.reduce((sum, path) => sum + estimateUnits(path), 0);
  try {
    const body = await client.fetch({
      method: 'post',
      path: '/$batch',
      body: { requests },
      lane,
      units,
      signal,
    });
    const parsed = batchBody.safeParse(body);
    if (!parsed.success) throw malformed('a $batch', parsed.error);
    const byId = new Map(parsed.data.responses.map((part) => [part.id, partAnswer(part)]));
    return requests.map(({ id }) => byId.get(id) ?? malformed('a part of a $batch'));
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error : new Error('a $batch failed', { cause: error });
    return paths.map(() => reason);
  }
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
