import type { Kind, ResourceKeys } from './types.ts';
import { isObject, type Resource } from './schema/value.ts';

/** The copies of a resource's attributes by which it is found. */
export function keysOf(kind: Kind, resource: Resource): ResourceKeys {
  const userName = lower(resource['userName']);
  const displayName = lower(resource['displayName']);
  const mail = lower(workMail(resource['emails']));
  const externalId = resource['externalId'];
  const group = typeof externalId === 'string' ? `x:${externalId}` : `n:${displayName ?? ''}`;
  return {
    unique: kind === 'User' ? (userName ?? '') : group,
    ...(kind === 'User' && userName !== undefined && { userName }),
    ...(displayName !== undefined && { displayName }),
    ...(mail !== undefined && { mail }),
  };
}

const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : undefined);

const workMail = (emails: unknown): unknown =>
  (Array.isArray(emails) ? emails : [])
    .filter(isObject)
    .find(({ type }) => lower(type) === 'work')?.['value'];
