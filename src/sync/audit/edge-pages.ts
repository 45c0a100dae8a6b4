import type { Edge, EdgeKind } from '../../graph/types.ts';
import { pauseAfter, stillOpen, type EdgesAnswer, type EdgesRequest } from '../enumerate.ts';
import { patiently } from '../patiently.ts';
import type { Audit } from './context.ts';

const failuresAllowed = 5;

/** Names the members or the owners of a group. */
export const edgesKey = ({ groupId, kind }: { groupId: string; kind: EdgeKind }): string =>
  `${groupId}/${kind}`;

/**
 * Reads every page of some groups' members or owners, in rounds, and gives how each of them ended. A
 * request without a link is for the first page, which is asked for again where a link has expired.
 */
export async function readEdgePages(
  audit: Audit,
  requests: readonly EdgesRequest[],
  onPage: (request: EdgesRequest, edges: readonly Edge[]) => void | Promise<void>,
): Promise<Map<string, EdgesAnswer['kind']>> {
  const { deps, tenantId, signal } = audit;
  const ends = new Map<string, EdgesAnswer['kind']>();
  let open = [...requests];
  for (let failures = 0; open.length > 0;) {
    const asked = open;
    await audit.keep();
    const answers = await patiently(deps.clock, signal, () =>
      deps.graphOf(tenantId).edgePages(asked, 'audit', signal),
    );
    for (const [index, answer] of answers.entries()) {
      const request = asked[index];
      if (!request) continue;
      ends.set(edgesKey(request), answer.kind);
      if (answer.kind === 'found') await onPage(request, answer.page.edges);
    }
    if (answers.some(({ kind }) => kind === 'failed')) failures += 1;
    if (failures > failuresAllowed) throw new Error('Graph kept failing: audit again later');
    open = asked.flatMap((request, index) => stillOpen(deps.log, request, answers[index]));
    await deps.clock.sleep(pauseAfter(answers), signal);
  }
  return ends;
}
