import { z } from 'zod';
import {
  badRequest,
  NO_CONTENT,
  notFound,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { findUser } from './find-user.ts';

const reference = z.object({ '@odata.id': z.string() });

/** `PUT /users/{id}/manager/$ref` with the manager's address in the body. */
export function setManager(request: GraphRequest): GraphReply {
  const parsed = reference.safeParse(request.body);
  if (!parsed.success) return badRequest("The body needs a value for '@odata.id'.");
  const view = request.tenant.view();
  const key = request.segments[1] ?? '';
  const managerKey = parsed.data['@odata.id'].split('/').at(-1) ?? '';
  const user = findUser(view, key);
  const manager = findUser(view, managerKey);
  if (!user || !manager) return notFound(user ? managerKey : key);
  if (!request.tenant.chance('ignoredWriteRate')) {
    request.tenant.directory.setManager(user.id, manager.id);
  }
  return NO_CONTENT;
}

/** `DELETE /users/{id}/manager/$ref`, also where there was none. */
export function clearManager(request: GraphRequest): GraphReply {
  const key = request.segments[1] ?? '';
  const user = findUser(request.tenant.view(), key);
  if (!user) return notFound(key);
  request.tenant.directory.clearManager(user.id);
  return NO_CONTENT;
}
