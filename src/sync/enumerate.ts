import type { EdgeKind, Graph, Lane } from '../graph/types.ts';
import type { Log } from '../ops/log.ts';
import type { SyncDeps } from './deps.ts';
import { inParts } from './in-parts.ts';
import type { Keeper } from './lease.ts';
import { patiently } from './patiently.ts';

export type EdgesRequest = Parameters<Graph['edgePages']>[0][number];
export type EdgesAnswer = Awaited<ReturnType<Graph['edgePages']>>[number];

const kinds: readonly EdgeKind[] = ['member', 'owner'];
const edgesAtOnce = 2_000;
const failuresAllowed = 5;
const pauseMs = 1_000;
const keptFailing = 'members could not be read: Graph kept failing; the next run repeats it';

/** Whose reads they are, and what the mirror is thought to hold of them. */
interface Terms {
  keeper: Keeper;
  lane: Lane;
  /** Nothing, as in a first load. */
  isNew?: boolean;
}

/** Answers to requests that were made together. */
interface Round {
  asked: readonly EdgesRequest[];
  answers: readonly EdgesAnswer[];
}

/** An enumeration of some groups whose first pages were read. */
export interface Enumeration {
  token: number;
  /** MongoDB's time. */
  beganAt: Date;
  first: Round;
}

/** Draws a token and reads the first page of members and of owners of each group. */
export async function beginEnumeration(
  deps: SyncDeps,
  tenantId: string,
  groupIds: readonly string[],
  terms: Terms,
): Promise<Enumeration> {
  const begin = {
    beganAt: await deps.mirror.now(),
    token: await deps.mirror.drawToken(tenantId),
  };
  const asked = groupIds.flatMap((groupId) => kinds.map((kind) => ({ groupId, kind })));
  return { ...begin, first: await ask(deps, tenantId, asked, terms) };
}

/**
 * Reads every member and owner of some groups under one token drawn first, writing page by page, the
 * next pages being read meanwhile. What a complete enumeration did not show is noted absent, never
 * ended by this look alone. Gives the number of edges read and the groups with edges newly noted absent.
 */
export async function enumerateGroups(
  deps: SyncDeps,
  tenantId: string,
  groupIds: readonly string[],
  terms: Terms,
  begun?: Enumeration,
): Promise<{ edges: number; absentIn: string[] }> {
  const enumeration = begun ?? (await beginEnumeration(deps, tenantId, groupIds, terms));
  const absentIn: string[] = [];
  let edges = 0;
  let failures = 0;
  for (let round: Round | undefined = enumeration.first; round;) {
    if (round.answers.some(({ kind }) => kind === 'failed')) failures += 1;
    if (failures > failuresAllowed) throw new Error(keptFailing);
    const next = askOn(deps, tenantId, round, terms);
    next.catch(() => undefined);
    edges += await writeEdges(deps, tenantId, round, enumeration.token, terms);
    absentIn.push(...(await noteAbsent(deps, tenantId, round, enumeration)));
    round = await next;
  }
  return { edges, absentIn: [...new Set(absentIn)] };
}

/** The next pages, after as long a pause as Graph wants; undefined where there are none. */
async function askOn(
  deps: SyncDeps,
  tenantId: string,
  { asked, answers }: Round,
  terms: Terms,
): Promise<Round | undefined> {
  const open = asked.flatMap((request, index) => stillOpen(deps.log, request, answers[index]));
  if (open.length === 0) return undefined;
  await deps.clock.sleep(pauseAfter(answers), terms.keeper.signal);
  return ask(deps, tenantId, open, terms);
}

async function ask(
  { graphOf, clock }: SyncDeps,
  tenantId: string,
  asked: readonly EdgesRequest[],
  { keeper, lane }: Terms,
): Promise<Round> {
  await keeper.keep();
  const answers = await patiently(clock, keeper.signal, () =>
    graphOf(tenantId).edgePages(asked, lane, keeper.signal),
  );
  return { asked, answers };
}

async function writeEdges(
  { mirror }: SyncDeps,
  tenantId: string,
  { asked, answers }: Round,
  token: number,
  { isNew }: Terms,
): Promise<number> {
  const writes = asked.flatMap(({ groupId }, index) => {
    const answer = answers[index];
    if (answer?.kind !== 'found') return [];
    return answer.page.edges.map((edge) => ({ groupId, ...edge, present: true }));
  });
  await inParts(writes, edgesAtOnce, (some) => mirror.applyEdges(tenantId, some, token, isNew));
  return writes.length;
}

async function noteAbsent(
  { mirror, timings: { replicationMs } }: SyncDeps,
  tenantId: string,
  { asked, answers }: Round,
  { token, beganAt }: Enumeration,
): Promise<string[]> {
  const complete = asked.filter((_, index) => {
    const answer = answers[index];
    return answer?.kind === 'found' && answer.page.nextLink === undefined;
  });
  const absentIn: string[] = [];
  const doubtful = await mirror.notWhollyShown(tenantId, complete, token);
  for (const { groupId, kind } of doubtful) {
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
