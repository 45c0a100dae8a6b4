import type { ObjectType } from '../../change.ts';
import type { ObjectPage } from '../../graph/types.ts';
import { LinkExpiredError } from '../../ops/errors.ts';
import { patiently } from '../patiently.ts';
import { allEnd } from './all-end.ts';
import type { Audit } from './context.ts';
import { createDigestTable, type DigestTable } from './digest-table.ts';
import { SetDigest } from './digest.ts';
import { edgesKey, readEdgePages } from './edge-pages.ts';
import { objectDigest } from './object-differences.ts';
import { shardCount } from './shards.ts';

const triesOfList = 3;
const groupsAtOnce = 40;
/** While the digests of one are made, the next one is read. */
const chunksUnderWay = 2;

/** Digests of all users or groups of the source, soft-deleted ones too. A list whose page link expires begins again. */
export async function readObjects(audit: Audit, type: ObjectType): Promise<DigestTable> {
  for (let tries = 1; ; tries += 1) {
    const table = createDigestTable(audit.scratch);
    try {
      // An object that is deleted meanwhile is in both lists, and then looked at by itself.
      await readActive(audit, type, table);
      await readDeleted(audit, type, table);
      return table;
    } catch (error) {
      if (!(error instanceof LinkExpiredError) || tries === triesOfList) throw error;
    }
  }
}

async function readActive(audit: Audit, type: ObjectType, table: DigestTable): Promise<void> {
  const { deps, tenantId, signal, tally } = audit;
  const graph = deps.graphOf(tenantId);
  tally.restart(type);
  const read = (link?: string) => pageOf(audit, () => graph.listPage(type, link, 'audit', signal));
  for (let next: Promise<ObjectPage> | undefined = read(); next;) {
    const { objects, nextLink }: ObjectPage = await next;
    next = nextLink === undefined ? undefined : read(nextLink);
    // Whoever awaits it learns of the failure.
    next?.catch(() => undefined);
    for (const { id, properties, managerId } of objects) {
      await table.add({ key: id, digest: objectDigest('active', properties, managerId) });
      tally.compared(type);
      if (managerId !== null) tally.compared('manager');
    }
  }
}

/** Who was deleted before the tenant was connected never was in the mirror. */
async function readDeleted(audit: Audit, type: ObjectType, table: DigestTable): Promise<void> {
  const { deps, tenantId, signal } = audit;
  const graph = deps.graphOf(tenantId);
  const connectedAt = await deps.mirror.connectedAt(tenantId);
  for (let link: string | undefined, more = true; more;) {
    const page = await pageOf(audit, () => graph.deletedPage(type, link, 'audit', signal));
    for (const { id, deletedAt } of page.deleted) {
      if (!deletedAt || !connectedAt || deletedAt < connectedAt) continue;
      await table.add({ key: id, digest: objectDigest('softDeleted', {}, null) });
    }
    link = page.nextLink;
    more = link !== undefined;
  }
}

async function pageOf<T>({ deps, signal, keep }: Audit, ask: () => Promise<T>): Promise<T> {
  await keep();
  return patiently(deps.clock, signal, ask);
}

/** Digests of the members and of the owners of every active group, keyed by group and kind. */
export async function readEdges(audit: Audit, groups: DigestTable): Promise<DigestTable> {
  const table = createDigestTable(audit.scratch);
  const chunks = chunksOf(activeIds(groups));
  const lane = async (): Promise<void> => {
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      await digestEdges(audit, next.value, table);
  };
  await allEnd(Array.from({ length: chunksUnderWay }, lane));
  return table;
}

/** However few groups a shard has, so many are asked for together. */
async function* chunksOf(ids: AsyncIterable<string>): AsyncGenerator<string[], void> {
  let chunk: string[] = [];
  for await (const id of ids) {
    chunk.push(id);
    if (chunk.length < groupsAtOnce) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function* activeIds(groups: DigestTable): AsyncGenerator<string> {
  for (let shard = 0; shard < shardCount; shard += 1) {
    const entries = await groups.entries(shard);
    const active = entries.filter(({ digest }) => digest !== 'softDeleted').map(({ key }) => key);
    yield* new Set(active);
  }
}

async function digestEdges(
  audit: Audit,
  ids: readonly string[],
  table: DigestTable,
): Promise<void> {
  const digests = new Map<string, SetDigest>();
  const requests = ids.flatMap((groupId) => [
    { groupId, kind: 'member' as const },
    { groupId, kind: 'owner' as const },
  ]);
  await readEdgePages(audit, requests, (request, edges) => {
    const key = edgesKey(request);
    const begun = request.link === undefined ? undefined : digests.get(key);
    const digest = begun ?? new SetDigest();
    digests.set(key, digest);
    for (const { memberId } of edges) digest.add(memberId);
  });
  for (const [key, digest] of digests) {
    audit.tally.compared('membership', digest.count);
    if (digest.count > 0) await table.add({ key, digest: String(digest) });
  }
}
