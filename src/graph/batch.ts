import type { Answer } from './answer.ts';
import { batchBody, partAnswer } from './batch-body.ts';
import type { GraphClient } from './client.ts';
import { estimateUnits } from './cost.ts';
import { malformed } from './errors.ts';
import type { Lane } from './types.ts';

/** Graph takes no more parts in one `$batch`. */
const partsPerBatch = 20;
const batchesUnderWay = 16;

/** What came of one item: an answer, or the error for which there is none. */
export interface Part<T> {
  item: T;
  answer: Answer | Error;
}

/**
 * GETs a path for each item, 20 a `$batch`, several under way; a part per item, in their order. A batch
 * that fails as a whole fails its own parts only. Rejects only when aborted.
 */
export async function batchGet<T>(
  client: GraphClient,
  items: readonly T[],
  pathOf: (item: T) => string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<Part<T>[]> {
  const chunks = chunked(items, partsPerBatch);
  const results: Part<T>[][] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < chunks.length; index = next++) {
      results[index] = await oneBatch(client, chunks[index] ?? [], pathOf, lane, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(batchesUnderWay, chunks.length) }, worker));
  return results.flat();
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

async function oneBatch<T>(
  client: GraphClient,
  items: readonly T[],
  pathOf: (item: T) => string,
  lane: Lane,
  signal: AbortSignal | undefined,
): Promise<Part<T>[]> {
  try {
    const answers = await post(client, items.map(pathOf), lane, signal);
    const lost = malformed('a part of a $batch');
    return items.map((item, index) => ({ item, answer: answers.get(String(index)) ?? lost }));
  } catch (error) {
    signal?.throwIfAborted();
    const answer = error instanceof Error ? error : new Error('a $batch failed', { cause: error });
    return items.map((item) => ({ item, answer }));
  }
}

/** Answers by index of their path. */
async function post(
  client: GraphClient,
  paths: readonly string[],
  lane: Lane,
  signal: AbortSignal | undefined,
): Promise<Map<string, Answer>> {
  const requests = paths.map((url, index) => ({ id: String(index), method: 'GET', url }));
  const units = paths.reduce((sum, path) => sum + estimateUnits(path), 0);
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
  return new Map(parsed.data.responses.map((part) => [part.id, partAnswer(part)]));
}
