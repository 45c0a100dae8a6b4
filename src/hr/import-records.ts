import { randomUUID } from 'node:crypto';
import { acceptBatch, type BatchAnswer, type IntakeDeps } from './intake.ts';

const partSize = 1_000;

/** Sends any number of records as one import; who is changed is counted over all of it. */
export async function importRecords(
  tenantId: string,
  records: readonly unknown[],
  deps: IntakeDeps,
): Promise<BatchAnswer> {
  const importId = randomUUID();
  const answer: BatchAnswer = { importId, state: 'gathering', results: [] };
  for (let start = 0; start < records.length; start += partSize) {
    const part = records.slice(start, start + partSize);
    const isLast = start + partSize >= records.length;
    const answered = await acceptBatch(tenantId, part, { importId, isLast }, deps);
    answer.state = answered.state;
    answer.results.push(...answered.results);
  }
  return answer;
}
