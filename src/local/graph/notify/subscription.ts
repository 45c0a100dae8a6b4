import type { DirectoryEvent } from '../directory/event.ts';

/** A subscription as Graph keeps and shows it. */
export interface Subscription {
  id: string;
  resource: string;
  applicationId: string;
  /** `updated`, `deleted` or both, with a comma. */
  changeType: string;
  clientState: string | null;
  notificationUrl: string;
  lifecycleNotificationUrl: string | null;
  expirationDateTime: string;
  creatorId: string;
  latestSupportedTlsVersion: string;
  notificationContentType: string;
}

interface Watched {
  collection: 'users' | 'groups';
  id?: string;
  relation?: 'members' | 'owners';
}

/** What a `resource` stands for; undefined where users and groups have no such resource. */
export function parseResource(resource: string): Watched | undefined {
  const match = /^\/?(users|groups)(?:\/([\w-]+)(?:\/(members|owners))?)?$/i.exec(resource);
  const [, collection, id, relation] = match ?? [];
  const kind = collection?.toLowerCase();
  if (kind !== 'users' && kind !== 'groups') return undefined;
  if (relation && kind === 'users') return undefined;
  const edge = relation?.toLowerCase() === 'owners' ? 'owners' : 'members';
  return { collection: kind, ...(id && { id }), ...(relation && { relation: edge }) };
}

/** Two spellings of one resource are the same one. */
export function resourceKey(resource: string): string {
  return resource.replace(/^\//, '').toLowerCase();
}

export function isExpired({ expirationDateTime }: Subscription, now: number): boolean {
  return Date.parse(expirationDateTime) <= now;
}

/** Only a purge is `deleted`; creation and soft deletion are `updated`. */
export function changeTypeOf(event: DirectoryEvent): 'updated' | 'deleted' {
  return event.kind === 'purged' ? 'deleted' : 'updated';
}

export function wants({ resource, changeType }: Subscription, event: DirectoryEvent): boolean {
  const watched = parseResource(resource);
  if (watched?.collection !== `${event.type}s`) return false;
  if (watched.id && watched.id !== event.id) return false;
  if (watched.relation && !isEdgeOf(event, watched.relation)) return false;
  return changeType.split(',').includes(changeTypeOf(event));
}

function isEdgeOf(event: DirectoryEvent, relation: 'members' | 'owners'): boolean {
  return 'edge' in event && `${event.edge.kind}s` === relation;
}
