import type { EdgeKind, Graph, Lane } from '../graph/types.ts';
import type { Log } from '../ops/log.ts';
import type { SyncDeps } from './deps.ts';
import type { Keeper } from './lease.ts';
import { patiently } from './patiently.ts';

export type EdgesRequest = Parameters<Graph['edgePages']>[0][number];
export type EdgesAnswer = Awaited<ReturnType<Graph['edgePages']>>[number];

const kinds: readonly EdgeKind[] = ['member', 'owner'];
const failuresAllowed = 5;
const pauseMs = 1_000;
const keptFailing = 'members could not be read: Graph kept failing; the next run repeats it';

/**
 * Reads every member and owner of some groups under one token drawn first, writing page by page.
 * What a complete enumeration did not show is noted absent, never ended by this look alone. Gives the
 * number of edges read and the groups with edges newly noted absent.
 */
export async function enumerateGroups(
  deps: SyncDeps,
  tenantId: string,
  groupIds: readonly string[],
  { keeper, lane }: { keeper: Keeper; lane: Lane },
): Promise<{ edges: number; absentIn: string[] }> {
  const { mirror, clock, log } = deps;
  const begin = { beganAt: await mirror.now(), token: await mirror.drawToken(tenantId) };
  const absentIn: string[] = [];
  let edges = 0;
  let failures = 0;
  let open = groupIds.flatMap((groupId) => kinds.map((kind): EdgesRequest => ({ groupId, kind })));
  while (open.length > 0) {
    const asked = open;
    const answers = await askFor(deps, tenantId, asked, { keeper, lane });
    edges += await writeEdges(deps, tenantId, asked, answers, begin.token);
    absentIn.push(...(await noteAbsent(deps, tenantId, asked, answers, begin)));
    if (answers.some(({ kind }) => kind === 'failed')) failures += 1;
    if (failures > failuresAllowed) throw new Error(keptFailing);
    open = asked.flatMap((request, index) => stillOpen(log, request, answers[index]));
    await clock.sleep(pauseAfter(answers), keeper.signal);
  }
  return { edges, absentIn: [...new Set(absentIn)] };
}

async function askFor(
  { graphOf, clock }: SyncDeps,
  tenantId: string,
  requests: readonly EdgesRequest[],
  { keeper, lane }: { keeper: Keeper; lane: Lane },
): Promise<EdgesAnswer[]> {
  await keeper.keep();
  return patiently(clock, keeper.signal, () =>
    graphOf(tenantId).edgePages(requests, lane, keeper.signal),
  );
}

async function writeEdges(
  { mirror }: SyncDeps,
  tenantId: string,
  asked: readonly EdgesRequest[],
  answers: readonly EdgesAnswer[],
  token: number,
): Promise<number> {
  const writes = asked.flatMap(({ groupId }, index) => {
    const answer = answers[index];
    if (answer?.kind !== 'found') return [];
    return answer.page.edges.map((edge) => ({ groupId, ...edge, present: true }));
  });
  if (writes.length > 0) await mirror.applyEdges(tenantId, writes, token);
  return writes.length;
}

async function noteAbsent(
  { mirror, timings: { replicationMs } }: SyncDeps,
  tenantId: string,
  asked: readonly EdgesRequest[],
  answers: readonly EdgesAnswer[],
  { token, beganAt }: { token: number; beganAt: Date },
): Promise<string[]> {
  const absentIn: string[] = [];
  for (const [index, { groupId, kind }] of asked.entries()) {
    const answer = answers[index];
    if (answer?.kind !== 'found' || answer.page.nextLink !== undefined) continue;
    const noted = await mirror.enumerated(tenantId, groupId, kind, token, replicationMs, beganAt);
    if (noted.absent > 0) absentIn.push(groupId);
  }
  return absentIn;
}

/** The page to ask for next, if any. A group that is gone is left to the read of the group itself. */
export function stillOpen(
  log: Log,
  request: EdgesRequest,
  answer: EdgesAnswer | undefined,
): EdgesRequest[] {
  const { groupId, kind } = request;
  switch (answer?.kind) {
    case 'found':
      return answer.page.nextLink === undefined ? [] : [{ ...request, link: answer.page.nextLink }];
    case 'throttled':
    case 'failed':
      return [request];
    case 'refused':
      log.warn({ groupId, edges: kind, code: answer.code }, 'members refused');
      // A link that Graph no longer takes: the group is read from its first page.
      return request.link === undefined ? [] : [{ groupId, kind }];
    case 'missing':
    case 'softDeleted':
    case undefined:
      return [];
  }
}

/** How long Graph wants us to wait, in milliseconds. */
export function pauseAfter(answers: readonly EdgesAnswer[]): number {
  const waits = answers.map((answer) => {
    if (answer.kind === 'throttled') return answer.retryAfterMs;
    return answer.kind === 'failed' ? pauseMs : 0;
  });
  return Math.max(0, ...waits);
}
