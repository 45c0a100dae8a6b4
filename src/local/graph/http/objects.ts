import type { DirectoryObject } from '../directory/state.ts';
import {
  contextOf,
  failure,
  isReply,
  notFound,
  ok,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { readFilter } from './filter.ts';
import { findUser } from './find-user.ts';
import { nextLink, readPaging, takePage } from './paging.ts';
import { project, readProjection } from './projection.ts';

type Listed = 'user' | 'group';

/** `GET /users/{id}` or `/groups/{id}`. */
export const getObject =
  (type: Listed) =>
  (request: GraphRequest): GraphReply => {
    const projection = readProjection(request, type);
    if (isReply(projection)) return projection;
    const view = request.tenant.view();
    const id = request.segments[1] ?? '';
    const seen = type === 'user' ? findUser(view, id) : view.active(id, type);
    if (!seen) return notFound(id);
    return ok({ ...contextOf(request, `${type}s/$entity`), ...project(view, seen, projection) });
  };

/** `GET /users` or `/groups`, 100 a page unless `$top` says otherwise, in order of creation. */
export const listObjects =
  (type: Listed) =>
  (request: GraphRequest): GraphReply => {
    const projection = readProjection(request, type);
    if (isReply(projection)) return projection;
    const paging = readPaging(request);
    if (isReply(paging)) return paging;
    const passes = readFilter(request.query.get('$filter'));
    if (isReply(passes)) return passes;
    const view = request.tenant.view();
    const show = (object: DirectoryObject) => {
      const seen = view.see(object);
      return seen?.state === 'active' && passes(seen) ? project(view, seen, projection) : undefined;
    };
    const { items, next } = takePage(view.objects(type), paging.position, paging.size, show);
    return ok({ ...contextOf(request, `${type}s`), ...nextLink(request, next), value: items });
  };

/** `GET /users/{id}/manager`. */
export function getManager(request: GraphRequest): GraphReply {
  const projection = readProjection(request);
  if (isReply(projection)) return projection;
  const view = request.tenant.view();
  const id = request.segments[1] ?? '';
  const user = view.active(id, 'user');
  if (!user) return notFound(id);
  const manager = view.manager(user);
  if (!manager) {
    return failure(
      404,
      'Request_ResourceNotFound',
      "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
    );
  }
  return ok({
    ...contextOf(request, 'directoryObjects/$entity'),
    ...project(view, manager, projection),
  });
}
