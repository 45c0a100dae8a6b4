import type { ObjectType } from '../directory/event.ts';
import type { Seen, View } from '../directory/view.ts';
import { badRequest, type GraphReply, type GraphRequest } from './exchange.ts';
import { defaultProperties, odataType, unknownProperty } from './properties.ts';

/** Which properties a request wants; `manager` where it expands the manager. */
export interface Projection {
  select?: string[];
  manager?: { select?: string[] };
}

/** Reads `$select` and `$expand`; a reply where Graph would refuse them. */
export function readProjection(request: GraphRequest, type?: ObjectType): Projection | GraphReply {
  const select = readList(request.query.get('$select'));
  const expand = request.query.get('$expand');
  const unknown = select && type && unknownProperty(type, select);
  if (unknown) {
    return badRequest(
      `Could not find a property named '${unknown}' on type 'microsoft.graph.${type}'.`,
      'BadRequest',
    );
  }
  const manager = expand === null ? undefined : /^manager(?:\((.*)\))?$/.exec(expand);
  if (expand !== null && (!manager || type !== 'user')) {
    return badRequest(
      `The query specified in the URI is not valid: $expand=${expand} is not supported here.`,
      'BadRequest',
    );
  }
  const managerSelect = readList(/\$select=([^;)]*)/.exec(manager?.[1] ?? '')?.[1]);
  return {
    ...(select && { select }),
    ...(manager && { manager: managerSelect ? { select: managerSelect } : {} }),
  };
}

/** An object as Graph prints it: a selected property that was never set is null. */
export function project(
  view: View,
  seen: Seen,
  { select, manager }: Projection,
): Record<string, unknown> {
  const shown = pickProperties(seen, select);
  const managedBy = manager && view.manager(seen);
  if (managedBy) {
    shown['manager'] = {
      '@odata.type': odataType('user'),
      ...pickProperties(managedBy, manager.select),
    };
  }
  return shown;
}

/** The same with its type, as in collections of mixed objects. */
export function projectTyped(
  view: View,
  seen: Seen,
  projection: Projection,
): Record<string, unknown> {
  return { '@odata.type': odataType(seen.type), ...project(view, seen, projection) };
}

function pickProperties(
  { type, id, properties }: Seen,
  select?: readonly string[],
): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const name of select ?? defaultProperties(type)) {
    shown[name] = name === 'id' ? id : (properties[name] ?? null);
  }
  shown['id'] = id;
  return shown;
}

function readList(text: string | null | undefined): string[] | undefined {
  return text ? text.split(',').map((name) => name.trim()) : undefined;
}
