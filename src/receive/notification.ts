import { z } from 'zod';
import type { Change } from '../change.ts';

/** Who an item claims to come from. */
export interface Sender {
  subscriptionId: string;
  tenantId: string;
  clientState: string;
}

/** One item of Graph's POST, reduced to who claims to send it and what it hints at. */
export interface Item extends Sender {
  change: Change;
}

/** A change notification or a lifecycle notification; `undefined` for an item that is neither. */
export function readItem(value: unknown, receivedAt: string): Item | undefined {
  const parsed = itemSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { subscriptionId, tenantId, clientState } = parsed.data;
  const change = parsed.data.lifecycleEvent
    ? lifecycleChange(parsed.data, receivedAt)
    : objectChange(parsed.data, receivedAt);
  return change && { subscriptionId, tenantId, clientState, change };
}

// Graph documents more members than these; the numbers among them (`sequenceNumber` may exceed 2^53)
// are not carried further, so that nothing can be lost in them.
const itemSchema = z.object({
  subscriptionId: z.string().min(1).max(64),
  tenantId: z.string().min(1).max(64),
  clientState: z.string().max(255).default(''),
  changeType: z.string().max(64).optional(),
  lifecycleEvent: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']).optional(),
  resource: z.string().max(512).default(''),
  resourceData: z
    .object({
      '@odata.type': z.string().max(512).optional(),
      id: z.string().min(1).max(64).optional(),
      eventTime: z.string().max(40).optional().catch(undefined),
    })
    .nullish(),
});
type ParsedItem = z.infer<typeof itemSchema>;

function lifecycleChange(
  { subscriptionId, lifecycleEvent }: ParsedItem,
  receivedAt: string,
): Change {
  return {
    type: 'subscription',
    id: subscriptionId,
    changeType: 'updated',
    origin: 'notification',
    lifecycle: lifecycleEvent,
    subscriptionId,
    receivedAt,
    attempt: 0,
  };
}

/** Any other type of change than `deleted` says no more than that the object is worth a read. */
function objectChange(item: ParsedItem, receivedAt: string): Change | undefined {
  const { subscriptionId, changeType, resource, resourceData } = item;
  const [, collection, idInPath] = /^\/?(users|groups)\/([^/?]{1,64})/i.exec(resource) ?? [];
  const type = typeOf(resourceData?.['@odata.type']) ?? typeOf(collection);
  const id = resourceData?.id ?? idInPath;
  if (!type || !id || !changeType) return undefined;
  const eventTime = resourceData?.eventTime;
  return {
    type,
    id,
    changeType: changeType === 'deleted' ? 'deleted' : 'updated',
    origin: 'notification',
    subscriptionId,
    receivedAt,
    ...(eventTime !== undefined && { eventTime }),
    attempt: 0,
  };
}

/** Of `#Microsoft.Graph.User`, or of the first segment of the path. */
function typeOf(name: string | undefined): 'user' | 'group' | undefined {
  const [, kind] = /^(?:#microsoft\.graph\.)?(user|group)s?$/i.exec(name ?? '') ?? [];
  if (!kind) return undefined;
  return kind.toLowerCase() === 'user' ? 'user' : 'group';
}
