import type { EdgeKind } from '../directory/event.ts';
import { defaultProperties, unknownProperty } from '../http/properties.ts';

/** What a delta round follows. */
export interface Tracked {
  properties: readonly string[];
  edges: readonly EdgeKind[];
  manager: boolean;
}

const RELATIONS = { user: ['manager'], group: ['members', 'owners'] };

/** Without `$select`: the default properties, and the members of groups. */
export function trackedBy(type: 'user' | 'group', select: readonly string[] | undefined): Tracked {
  if (!select) {
    return {
      properties: defaultProperties(type),
      edges: type === 'group' ? ['member'] : [],
      manager: false,
    };
  }
  const edges: EdgeKind[] = [];
  if (select.includes('members')) edges.push('member');
  if (select.includes('owners')) edges.push('owner');
  return {
    properties: select.filter((name) => !RELATIONS[type].includes(name)),
    edges,
    manager: select.includes('manager'),
  };
}

/** The first name that cannot be tracked. */
export function untrackable(type: 'user' | 'group', select: readonly string[]): string | undefined {
  return unknownProperty(
    type,
    select.filter((name) => !RELATIONS[type].includes(name)),
  );
}
