import { z } from 'zod';
import { parseResource } from '../notify/subscription.ts';
import { badRequest, isReply, type GraphReply } from './exchange.ts';

const LONGEST_MINUTES = 41_760;
const SHORTEST_MINUTES = 45;
const MINUTE_MS = 60_000;

const wantedSchema = z.object({
  changeType: z.string(),
  notificationUrl: z.url(),
  lifecycleNotificationUrl: z.url().nullish(),
  resource: z.string(),
  expirationDateTime: z.string(),
  clientState: z.string().max(128).nullish(),
  includeResourceData: z.literal(false).nullish(),
});
const renewalSchema = z
  .object({ expirationDateTime: z.string(), notificationUrl: z.url() })
  .partial()
  .refine((renewal) => renewal.expirationDateTime ?? renewal.notificationUrl);

export interface Wanted {
  changeType: string;
  notificationUrl: string;
  lifecycleNotificationUrl: string | null;
  resource: string;
  expirationDateTime: string;
  clientState: string | null;
}

/** Checks the body of `POST /subscriptions`. */
export function readWanted(body: unknown, now: number): Wanted | GraphReply {
  const parsed = wantedSchema.safeParse(body);
  if (!parsed.success) {
    return invalid(
      `${parsed.error.issues[0]?.path.join('.') ?? 'body'} is a required property for subscription creation.`,
    );
  }
  const {
    resource,
    clientState = null,
    lifecycleNotificationUrl = null,
    notificationUrl,
  } = parsed.data;
  if (!parseResource(resource)) return invalid(`Resource '${resource}' is not supported.`);
  const changeType = readChangeTypes(parsed.data.changeType);
  if (isReply(changeType)) return changeType;
  const expiry = readExpiry(parsed.data.expirationDateTime, now);
  if (isReply(expiry)) return expiry;
  return {
    changeType: changeType.list,
    notificationUrl,
    lifecycleNotificationUrl,
    resource,
    clientState,
    ...expiry,
  };
}

/** Checks the body of `PATCH /subscriptions/{id}`. */
export function readRenewal(
  body: unknown,
  now: number,
): { expirationDateTime?: string; notificationUrl?: string } | GraphReply {
  const parsed = renewalSchema.safeParse(body);
  if (!parsed.success) return invalid('Provide expirationDateTime or notificationUrl.');
  const { expirationDateTime, notificationUrl } = parsed.data;
  const expiry = expirationDateTime === undefined ? {} : readExpiry(expirationDateTime, now);
  if (isReply(expiry)) return expiry;
  return { ...expiry, ...(notificationUrl && { notificationUrl }) };
}

/** Less than 45 minutes is raised to that without a word; more than 29 days is refused. */
function readExpiry(text: string, now: number): { expirationDateTime: string } | GraphReply {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return invalid('expirationDateTime is not a date.');
  if (at > now + LONGEST_MINUTES * MINUTE_MS) {
    return badRequest(
      `Subscription expiration can only be ${LONGEST_MINUTES} minutes in the future.`,
      'ExtensionError',
    );
  }
  const raised = Math.max(at, now + SHORTEST_MINUTES * MINUTE_MS);
  return { expirationDateTime: new Date(raised).toISOString() };
}

function readChangeTypes(text: string): { list: string } | GraphReply {
  const types = text.split(',').map((type) => type.trim().toLowerCase());
  const wrong = types.find((type) => type !== 'updated' && type !== 'deleted');
  if (wrong !== undefined) return invalid(`Invalid 'changeType' attribute: '${wrong}'.`);
  return { list: ['updated', 'deleted'].filter((type) => types.includes(type)).join(',') };
}

function invalid(message: string): GraphReply {
  return badRequest(message, 'InvalidRequest');
}
