import type { DeltaPage } from '../graph/types.ts';
import type { EdgeWrite } from '../mirror/types.ts';
import { LinkExpiredError } from '../ops/errors.ts';
import type { SyncDeps } from './deps.ts';
import type { Keeper } from './lease.ts';
import { patiently } from './patiently.ts';

/**
 * Goes on from the newest groups link and applies what its pages say of members and owners. Each page
 * is fenced with a token drawn before it is read; the link moves once all pages are written.
 */
export async function quickRound(deps: SyncDeps, tenantId: string, keeper: Keeper): Promise<void> {
  const { mirror } = deps;
  const checkpoint = await mirror.checkpoint(tenantId, 'group');
  let link = checkpoint?.links.at(-1)?.link;
  try {
    while (link !== undefined) {
      const page = await applyPage(deps, tenantId, link, keeper);
      if (page.deltaLink !== undefined && page.deltaLink !== link) {
        await mirror.keepLink(tenantId, 'group', page.deltaLink, keeper.epoch);
      }
      link = page.nextLink;
    }
  } catch (error) {
    if (!(error instanceof LinkExpiredError)) throw error;
    await mirror.requestPass(tenantId, 'group', 'expired');
  }
}

async function applyPage(
  { graphOf, mirror, clock, figures, tracer }: SyncDeps,
  tenantId: string,
  link: string,
  keeper: Keeper,
): Promise<DeltaPage> {
  await keeper.keep();
  const token = await mirror.drawToken(tenantId);
  const page = await patiently(clock, keeper.signal, () =>
    graphOf(tenantId).deltaPage('group', link, 'notification', keeper.signal),
  );
  const writes = edgeWrites(page);
  if (writes.length > 0) {
    const attributes = { tenantId, memberships: writes.length };
    const step = { name: 'write memberships', kind: 'client', attributes } as const;
    const apply = () => mirror.applyEdges(tenantId, writes, token);
    figures.count('edges', await tracer.step(step, apply));
  }
  for (const { id, removed } of page.items) {
    if (removed === 'deleted') await mirror.endEdgesOfGroup(tenantId, id, token);
  }
  return page;
}

/** What a delta page says of edges, as writes. */
export function edgeWrites({ items }: DeltaPage): EdgeWrite[] {
  return items.flatMap(({ id, edges }) =>
    edges.map(({ removed, ...edge }) => ({ groupId: id, ...edge, present: !removed })),
  );
}
