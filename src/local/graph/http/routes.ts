import type { LimitName } from '../tenant.ts';
import { getDeletedItem, purgeDeletedItem, restoreDeletedItem } from './deleted-items.ts';
import { getDelta } from './delta.ts';
import type { GraphReply, GraphRequest } from './exchange.ts';
import { getManager, getObject, listObjects } from './objects.ts';
import { getOrganization, listDomains } from './organization.ts';
import { listEdges, listGroupsOf, listReports } from './relations.ts';
import {
  createSubscription,
  deleteSubscription,
  getSubscription,
  listSubscriptions,
  reauthorizeSubscription,
  renewSubscription,
} from './subscriptions.ts';
import { clearManager, setManager } from './write-manager.ts';
import { createUser, updateUser } from './write-user.ts';

export interface Route {
  method: string;
  /** `*` stands for any one segment, a trailing `?` for a segment that may be missing. */
  path: string[];
  /** Resource units before modifiers. */
  units: number;
  /** A limit of its own in place of resource units. */
  limit?: LimitName;
  isPaged?: boolean;
  /** Counted against the write quota, and only for applications that may write. */
  isWrite?: boolean;
  handle: (request: GraphRequest) => GraphReply | Promise<GraphReply>;
}

const read = (path: string, units: number, handle: Route['handle']): Route => ({
  method: 'GET',
  path: path.split('/'),
  units,
  handle,
});
const readPages = (path: string, units: number, handle: Route['handle']): Route => ({
  ...read(path, units, handle),
  isPaged: true,
});
const limited = (
  method: string,
  path: string,
  limit: LimitName,
  handle: Route['handle'],
): Route => ({
  method,
  path: path.split('/'),
  units: 0,
  limit,
  handle,
});

const write = (method: string, path: string, handle: Route['handle']): Route => ({
  ...read(path, 1, handle),
  method,
  isWrite: true,
});

/** In order: the first that matches answers. */
const ROUTES: readonly Route[] = [
  readPages('users/delta', 1, getDelta('user')),
  readPages('groups/delta', 1, getDelta('group')),
  readPages('users', 2, listObjects('user')),
  readPages('groups', 2, listObjects('group')),
  read('users/*', 1, getObject('user')),
  read('groups/*', 1, getObject('group')),
  readPages('groups/*/members/?', 3, listEdges('member')),
  readPages('groups/*/owners/?', 1, listEdges('owner')),
  read('users/*/manager', 1, getManager),
  write('POST', 'users', createUser),
  write('PATCH', 'users/*', updateUser),
  write('PUT', 'users/*/manager/$ref', setManager),
  write('DELETE', 'users/*/manager/$ref', clearManager),
  read('organization', 1, getOrganization),
  read('domains', 1, listDomains),
  readPages('users/*/memberOf/?', 2, listGroupsOf('member')),
  readPages('users/*/ownedObjects/?', 1, listGroupsOf('owner')),
  readPages('users/*/directReports/?', 1, listReports),
  readPages('directory/deletedItems/*', 1, getDeletedItem),
  { ...read('directory/deletedItems/*/restore', 1, restoreDeletedItem), method: 'POST' },
  { ...read('directory/deletedItems/*', 1, purgeDeletedItem), method: 'DELETE' },
  limited('GET', 'subscriptions', 'list', listSubscriptions),
  limited('POST', 'subscriptions', 'write', createSubscription),
  limited('GET', 'subscriptions/*', 'get', getSubscription),
  limited('PATCH', 'subscriptions/*', 'write', renewSubscription),
  limited('DELETE', 'subscriptions/*', 'write', deleteSubscription),
  limited('POST', 'subscriptions/*/reauthorize', 'reauthorize', reauthorizeSubscription),
];

const DELTA = /^(?:microsoft\.graph\.)?delta(?:\(\))?$/;

export function findRoute({ method, segments }: GraphRequest): Route | undefined {
  const names = segments.map((segment) => (DELTA.test(segment) ? 'delta' : segment));
  return ROUTES.find((route) => route.method === method && matches(route.path, names));
}

function matches(path: readonly string[], segments: readonly string[]): boolean {
  const isOptional = path.at(-1) === '?';
  const fits =
    segments.length === path.length || (isOptional && segments.length === path.length - 1);
  return (
    fits && segments.every((segment, index) => ['*', '?', segment].includes(path[index] ?? ''))
  );
}
