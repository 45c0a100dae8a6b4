import type { DirectoryObject } from '../directory/state.ts';
import {
  badRequest,
  contextOf,
  isReply,
  NO_CONTENT,
  notFound,
  ok,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { nextLink, readPaging, takePage } from './paging.ts';
import { project, projectTyped, readProjection } from './projection.ts';
import { typeOfCast } from './properties.ts';

/** `GET /directory/deletedItems/{id}`, or the list where a cast stands in its place. */
export function getDeletedItem(request: GraphRequest): GraphReply {
  const id = request.segments[2] ?? '';
  if (id.startsWith('microsoft.graph.')) return listDeletedItems(request);
  const projection = readProjection(request);
  if (isReply(projection)) return projection;
  const view = request.tenant.view();
  const seen = view.softDeleted(id);
  if (!seen) return notFound(id);
  return ok({
    ...contextOf(request, 'directoryObjects/$entity'),
    ...projectTyped(view, seen, projection),
  });
}

/** `POST /directory/deletedItems/{id}/restore`. */
export function restoreDeletedItem(request: GraphRequest): GraphReply {
  const id = request.segments[2] ?? '';
  const { directory } = request.tenant;
  if (!directory.now().softDeleted(id)) return notFound(id);
  directory.restore(id);
  const view = directory.now();
  const restored = view.find(id);
  return restored ? ok(projectTyped(view, restored, {})) : notFound(id);
}

/** `DELETE /directory/deletedItems/{id}`: for good. */
export function purgeDeletedItem(request: GraphRequest): GraphReply {
  const id = request.segments[2] ?? '';
  const { directory } = request.tenant;
  if (!directory.now().softDeleted(id)) return notFound(id);
  directory.purge(id);
  return NO_CONTENT;
}

function listDeletedItems(request: GraphRequest): GraphReply {
  const type = typeOfCast(request.segments[2]);
  if (type !== 'user' && type !== 'group') {
    return badRequest('Cast to a type that can be deleted softly.', 'Request_UnsupportedQuery');
  }
  const projection = readProjection(request, type);
  if (isReply(projection)) return projection;
  const paging = readPaging(request);
  if (isReply(paging)) return paging;
  const view = request.tenant.view();
  const show = (object: DirectoryObject) => {
    const seen = view.see(object);
    return seen?.state === 'softDeleted' ? project(view, seen, projection) : undefined;
  };
  const { items, next } = takePage(view.objects(type), paging.position, paging.size, show);
  return ok({ ...contextOf(request, `${type}s`), ...nextLink(request, next), value: items });
}
