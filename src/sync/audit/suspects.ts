import type { ObjectType } from '../../change.ts';
import { allEnd } from './all-end.ts';
import type { Audit } from './context.ts';
import { discrepancies, type DigestTable, type Entry } from './digest-table.ts';
import { lookAtEdges, type EdgeLook, type EdgesOfGroup } from './edge-looks.ts';
import { mirroredEdges, mirroredObjects } from './mirror-side.ts';
import { lookAtObjects } from './object-looks.ts';
import type { Spill } from './scratch.ts';
import { shardCount, shardOf } from './shards.ts';
import { readEdges, readObjects } from './source.ts';

/** An object that differed at the first look, and in what. */
export interface SuspectObject {
  id: string;
  differences: Record<string, string>;
}
/** Edges of a group that only one side had at the first look. */
export interface SuspectEdges extends EdgesOfGroup {
  seen: string[];
}

/** Lines of JSON, since there may be as many as there are objects. */
export interface Suspects {
  users: Spill;
  groups: Spill;
  edges: Spill;
  count: number;
}

const objectsAtOnce = 200;
const groupsAtOnce = 8;

/** Compares both sides by digests and looks at what differs a first time. */
export async function findSuspects(audit: Audit): Promise<Suspects> {
  const ofUsers = readObjects(audit, 'user').then((source) =>
    suspectObjects(audit, 'user', source),
  );
  const ofGroups = suspectGroups(audit);
  await allEnd([ofUsers, ofGroups]);
  const users = await ofUsers;
  const { groups, edges } = await ofGroups;
  const count = users.count + groups.count + edges.count;
  return { users: users.spill, groups: groups.spill, edges: edges.spill, count };
}

async function suspectGroups(audit: Audit) {
  const source = await readObjects(audit, 'group');
  const groups = suspectObjects(audit, 'group', source);
  const edges = readEdges(audit, source).then((ofSource) => suspectEdges(audit, ofSource));
  await allEnd([groups, edges]);
  return { groups: await groups, edges: await edges };
}

async function suspectObjects(audit: Audit, type: ObjectType, source: DigestTable) {
  const different = await differentKeys(audit, source, mirroredObjects(audit, type));
  const spill = audit.scratch.spill();
  let count = 0;
  for await (const { shard, lines: ids } of chunksOf(different, objectsAtOnce)) {
    const { looks, refused } = await lookAtObjects(audit, type, ids);
    audit.tally.unread += refused.length;
    count += looks.length;
    for (const { id, differences } of looks) {
      const suspect: SuspectObject = { id, differences };
      await spill.append(shard, JSON.stringify(suspect));
    }
  }
  return { spill, count };
}

async function suspectEdges(audit: Audit, source: DigestTable) {
  const different = await differentKeys(audit, source, mirroredEdges(audit));
  const spill = audit.scratch.spill();
  let count = 0;
  for await (const { shard, lines } of chunksOf(different, groupsAtOnce)) {
    const groups = lines.map(edgesNamed);
    const found = await Promise.all(groups.map((edges) => lookAtEdges(audit, edges)));
    for (const [index, edges] of groups.entries()) {
      const looks = found[index];
      if (!looks) audit.tally.unread += 1;
      if (!looks || looks.length === 0) continue;
      count += looks.length;
      const suspect: SuspectEdges = { ...edges, seen: looks.map(nameOf) };
      await spill.append(shard, JSON.stringify(suspect));
    }
  }
  return { spill, count };
}

/** Set aside first, so that no cursor waits for Graph. */
async function differentKeys(
  { scratch }: Audit,
  source: DigestTable,
  mirrored: AsyncIterable<Entry>,
): Promise<Spill> {
  const spill = scratch.spill();
  for await (const { key } of discrepancies(source, mirrored))
    await spill.append(shardOf(key), key);
  return spill;
}

/** Lines of a spill, up to `size` at a time. */
export async function* chunksOf(
  spill: Spill,
  size: number,
): AsyncGenerator<{ shard: number; lines: string[] }> {
  for (let shard = 0; shard < shardCount; shard += 1) {
    const lines = await spill.lines(shard);
    for (let at = 0; at < lines.length; at += size)
      yield { shard, lines: lines.slice(at, at + size) };
  }
}

/** The same edge on the same side has the same name. */
export const nameOf = ({ memberId, held }: EdgeLook): string =>
  `${held ? 'mirror' : 'source'} ${memberId}`;

function edgesNamed(key: string): EdgesOfGroup {
  const [groupId = '', kind] = key.split('/');
  return { groupId, kind: kind === 'owner' ? 'owner' : 'member' };
}
