import { z } from 'zod';
import { badRequest } from '../errors.ts';

/** One change of a PATCH. */
export interface Operation {
  op: 'add' | 'replace' | 'remove';
  path?: string | undefined;
  value?: unknown;
}

const maxOperations = 1_000;

/** Entra writes the names of operations in any case, and `Operations` so. */
const operation = z.object({
  op: z.string().transform((op) => op.toLowerCase()),
  path: z.string().max(4_096).nullish(),
  value: z.unknown().optional(),
});

/** Throws a `ScimError` (400, invalidSyntax) for a body that is no PATCH. */
export function readOperations(body: unknown): Operation[] {
  const [list] = Object.entries(Object(body) as object)
    .filter(([name]) => name.toLowerCase() === 'operations')
    .map(([, value]) => value as unknown);
  const parsed = z.array(operation).min(1).max(maxOperations).safeParse(list);
  if (!parsed.success) {
    throw badRequest(
      'invalidSyntax',
      `A PATCH has 1 to ${maxOperations} Operations, each with op.`,
    );
  }
  return parsed.data.map(({ op, path, value }) => {
    if (op !== 'add' && op !== 'replace' && op !== 'remove') {
      throw badRequest('invalidSyntax', `"${op.slice(0, 64)}" is no operation of a PATCH.`);
    }
    return { op, ...(path && { path }), value };
  });
}
