import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/connect.ts';
import type { EdgeKind, Graph } from '../../src/graph/types.ts';
import { silentLog } from '../../src/ops/log.ts';
import type { Served } from '../support/child.ts';

const groupsAtOnce = 40;
const documentsAtOnce = 1_000;

/** The two halves of a load, each alone: reading every page, and writing every document. */
export async function open({ env }: { env: Record<string, string> }): Promise<Served> {
  const own = await connect(readConfig(env), { log: silentLog });
  return {
    ready: {},
    calls: {
      /** Milliseconds until all pages were read. */
      async drain() {
        const graph = own.graphOf(own.tenantId);
        const began = performance.now();
        const groups = list(graph, 'group').then((ids) => readEdges(graph, ids));
        await Promise.all([list(graph, 'user'), groups]);
        return performance.now() - began;
      },
      /** Milliseconds in which the driver wrote what the mirror holds, into collections of their own. */
      async write() {
        let ms = 0;
        for (const name of ['users', 'groups', 'memberships']) {
          const copies = own.db.collection(`copies_of_${name}`);
          for (const documents of await chunks(own.db.collection(name).find())) {
            const began = performance.now();
            await copies.insertMany(documents, { ordered: false });
            ms += performance.now() - began;
          }
          await copies.drop().catch(() => undefined);
        }
        return ms;
      },
    },
    close: () => own.close(),
  };
}

async function list(graph: Graph, type: 'user' | 'group'): Promise<string[]> {
  const ids: string[] = [];
  let link: string | undefined;
  do {
    const page = await graph.listPage(type, link, 'sweep');
    ids.push(...page.objects.map(({ id }) => id));
    link = page.nextLink;
  } while (link !== undefined);
  return ids;
}

async function readEdges(graph: Graph, groupIds: readonly string[]): Promise<void> {
  const kinds: EdgeKind[] = ['member', 'owner'];
  for (let from = 0; from < groupIds.length; from += groupsAtOnce) {
    const some = groupIds.slice(from, from + groupsAtOnce);
    let open: Parameters<Graph['edgePages']>[0][number][] = some.flatMap((groupId) =>
      kinds.map((kind) => ({ groupId, kind })),
    );
    while (open.length > 0) {
      const asked = open;
      const answers = await graph.edgePages(asked, 'sweep');
      open = asked.flatMap((request, index) => {
        const answer = answers[index];
        const link = answer?.kind === 'found' ? answer.page.nextLink : undefined;
        return link === undefined ? [] : [{ ...request, link }];
      });
    }
  }
}

async function chunks<T>(cursor: AsyncIterable<T>): Promise<T[][]> {
  const all: T[][] = [];
  for await (const document of cursor) {
    const last = all.at(-1);
    if (last && last.length < documentsAtOnce) last.push(document);
    else all.push([document]);
  }
  return all;
}
