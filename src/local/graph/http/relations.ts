import type { EdgeKind, ObjectType } from '../directory/event.ts';
import type { EdgeRecord } from '../directory/state.ts';
import type { Seen, View } from '../directory/view.ts';
import {
  badRequest,
  contextOf,
  isReply,
  notFound,
  ok,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { nextLink, readPaging, takePage } from './paging.ts';
import { projectTyped, readProjection, type Projection } from './projection.ts';
import { odataType, typeOfCast } from './properties.ts';

/** `GET /groups/{id}/members` or `/owners`, with or without a cast. */
export const listEdges =
  (kind: EdgeKind) =>
  (request: GraphRequest): GraphReply =>
    listRelation<EdgeRecord>(request, 'group', (view, group) => ({
      records: view.edgeRecords(group.id, kind),
      see: (record) => (isOmitted(request, record) ? undefined : view.visibleMember(record)),
    }));

/** `GET /users/{id}/memberOf` or `/ownedObjects`: groups only. */
export const listGroupsOf =
  (kind: EdgeKind) =>
  (request: GraphRequest): GraphReply =>
    listRelation<EdgeRecord>(request, 'user', (view, user) => ({
      records: view.edgesTo(user.id, kind),
      see: (record) => view.active(record.groupId),
    }));

/** `GET /users/{id}/directReports`. */
export const listReports = (request: GraphRequest): GraphReply =>
  listRelation<Seen>(request, 'user', (view, user) => ({
    records: view.reports(user.id),
    see: (report) => report,
  }));

interface Relation<R> {
  records: readonly R[];
  see: (record: R) => Seen | undefined;
}

function listRelation<R>(
  request: GraphRequest,
  of: ObjectType,
  relate: (view: View, owner: Seen) => Relation<R>,
): GraphReply {
  const [, id = '', , castSegment] = request.segments;
  const cast = typeOfCast(castSegment);
  if (castSegment && !cast) {
    return badRequest(`The cast to '${castSegment}' is not supported.`, 'Request_UnsupportedQuery');
  }
  const projection = readProjection(request, cast);
  if (isReply(projection)) return projection;
  const paging = readPaging(request);
  if (isReply(paging)) return paging;
  const view = request.tenant.view();
  const owner = view.active(id, of);
  if (!owner) return notFound(id);
  const { records, see } = relate(view, owner);
  const { items, next } = takePage(records, paging.position, paging.size, (record) => {
    const seen = see(record);
    return seen && (!cast || seen.type === cast)
      ? show(request, view, seen, projection)
      : undefined;
  });
  return ok({
    ...contextOf(request, 'directoryObjects'),
    ...nextLink(request, next),
    value: items,
  });
}

function show({ tenant }: GraphRequest, view: View, seen: Seen, projection: Projection): object {
  const shown = projectTyped(view, seen, projection);
  if (!tenant.chance('thinnedMemberRate')) return shown;
  const nulls = Object.fromEntries(Object.keys(shown).map((name) => [name, null]));
  return { ...nulls, '@odata.type': odataType(seen.type), id: seen.id };
}

function isOmitted({ tenant }: GraphRequest, { memberType }: EdgeRecord): boolean {
  return tenant.faults.membersOmitServicePrincipals && memberType === 'servicePrincipal';
}
