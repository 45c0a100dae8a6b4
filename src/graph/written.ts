import { z } from 'zod';
import { isOk, type Answer } from './answer.ts';
import type { GraphClient } from './client.ts';
import { codeAndMessage } from './errors.ts';

/** What Graph said to one write. */
export type Written =
  /** `id` where something was created. Whether it shows is for a later read to say. */
  | { kind: 'done'; id?: string }
  /** Another object has this value. */
  | { kind: 'conflict'; property: string }
  /** The person, or the manager, is not there, or not yet on this replica. */
  | { kind: 'missing' }
  | { kind: 'onPremises' }
  /** 403: of this person or this property. */
  | { kind: 'forbidden'; message: string }
  | { kind: 'quotaExceeded'; message: string }
  | { kind: 'refused'; code: string; property?: string; message: string };

const created = z.object({ id: z.string().min(1) });
const detailed = z.object({
  error: z.object({
    details: z.array(z.object({ code: z.string().catch(''), target: z.string().nullish() })),
  }),
});

/** Throws for what is not about this person: throttling, a refused token, an outage. */
export function written(client: GraphClient, answer: Answer): Written {
  if (isOk(answer)) {
    const { data } = created.safeParse(answer.body);
    return { kind: 'done', ...(data && { id: data.id }) };
  }
  const { code, message } = codeAndMessage(answer);
  if (/QuotaExceeded/.test(code)) return { kind: 'quotaExceeded', message };
  if (answer.status === 404) return { kind: 'missing' };
  if (answer.status === 403) return { kind: 'forbidden', message };
  if (answer.status !== 400 && answer.status !== 409) throw client.errorOf(answer);
  if (/on-premises mastered/i.test(message)) return { kind: 'onPremises' };

  const details = detailed.safeParse(answer.body).data?.error.details ?? [];
  const property =
    details.find(({ target }) => target)?.target ?? /property '?(\w+)/.exec(message)?.[1];
  const isConflict =
    answer.status === 409 ||
    details.some((detail) => detail.code === 'ObjectConflict') ||
    /already exists|conflicting object/i.test(message);
  if (isConflict) return { kind: 'conflict', property: property ?? 'unknown' };
  return { kind: 'refused', code, ...(property && { property }), message };
}
