import { z } from 'zod';
import type { Answer } from './answer.ts';

const part = z.object({
  id: z.coerce.string(),
  status: z.number(),
  headers: z.record(z.string(), z.coerce.string()).nullish(),
  body: z.unknown().optional(),
});

/** Body of an answered `$batch`: parts come in any order; one that cannot be read costs no other. */
export const batchBody = z.object({
  responses: z
    .array(part.optional().catch(undefined))
    .transform((parts) => parts.filter((each) => each !== undefined)),
});
type BatchPart = z.infer<typeof part>;

/** A part as an answer of its own. */
export function partAnswer({ status, headers, body }: BatchPart): Answer {
  const lower = new Map(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { status, body, header: (name) => lower.get(name.toLowerCase()) };
}
