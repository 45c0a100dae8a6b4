import { z } from 'zod';
import type { Edge, EdgeKind } from './types.ts';

/** A related directory object, as lists and delta show it. */
export const edgeSchema = z.object({
  id: z.string().min(1),
  '@odata.type': z.string().nullish(),
  '@removed': z.unknown().optional(),
});

/** `#microsoft.graph.user` is a `user`. */
export function memberType(odataType: string | null | undefined): string | undefined {
  return odataType?.split('.').at(-1);
}

export function toEdge(kind: EdgeKind, item: z.infer<typeof edgeSchema>): Edge {
  const type = memberType(item['@odata.type']);
  return { kind, memberId: item.id, ...(type ? { memberType: type } : {}) };
}
