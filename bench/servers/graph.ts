import { openMongo } from '../../src/mirror/connect.ts';
import { propertyTable } from '../../src/graph/properties.ts';
import type { Faults } from '../../src/local/graph/faults.ts';
import { createRandom, pick } from '../../src/local/graph/random.ts';
import { startLocalGraph } from '../../src/local/graph/server.ts';
import { compare } from '../../src/proof/compare.ts';
import type { Served } from '../support/child.ts';
import { openFront } from '../support/front.ts';

interface Options {
  users: number;
  groups: number;
  memberships?: number;
  /** Resource units per 10 s. */
  quota?: number;
  /** How long each request takes. */
  requestMs?: number;
}

/** The simulated Graph behind a door that counts the requests and makes each take its time. */
export async function open({
  users,
  groups,
  memberships = 0,
  quota = 1e9,
  requestMs = 0,
}: Options): Promise<Served> {
  const graph = await startLocalGraph({ users, groups, quota, seed: 1 });
  const { directory, faults, stats, tenantId } = graph;
  const random = createRandom(2);
  const front = await openFront(graph.port, requestMs);
  const ids = (type: 'user' | 'group') =>
    directory
      .now()
      .objects(type)
      .map(({ id }) => id);
  fill();
  let changing: NodeJS.Timeout | undefined;

  /** Members chosen at random until there are as many as wanted. */
  function fill(): void {
    const [people, teams] = [ids('user'), ids('group')];
    const count = () => directory.snapshot().memberships.length;
    if (memberships === 0) return;
    for (let missing = memberships - count(); missing > 0;) {
      if (directory.addMember(pick(random, teams), pick(random, people))) missing -= 1;
    }
  }

  /** Gives every person of `wanted` a new title, `times` over; the last one is the same for all. */
  function retitle({
    wanted,
    times,
    title,
  }: {
    wanted: string[];
    times: number;
    title: string;
  }): void {
    for (let time = times; time > 0; time -= 1) {
      const jobTitle = time === 1 ? title : `${title} ${time}`;
      for (const id of wanted) directory.updateUser(id, { jobTitle });
    }
  }

  return {
    ready: { baseUrl: front.url, tenantId },
    calls: {
      ids,
      retitle,
      requests: () => front.counts(),
      stats: () => ({ ...stats }),
      setFaults: (wanted: Partial<Faults>) => void Object.assign(faults, wanted),
      subscriptions: () => graph.tenant.subscriptions.list(),
      sequence: () => directory.sequence,
      /** Random changes, spread evenly; 0 ends them. */
      change(perSecond: number) {
        clearInterval(changing);
        if (perSecond === 0) return;
        const began = Date.now();
        let made = 0;
        changing = setInterval(() => {
          const due = ((Date.now() - began) * perSecond) / 1_000;
          for (; made < due; made += 1) directory.randomChange(random);
        }, 5);
      },
      async differences({ uri, database }: { uri: string; database: string }) {
        const { db, close } = await openMongo({ uri, database });
        const read = (name: string) => db.collection(name).find({ tenantId });
        const found = await compare(directory.snapshot(), read, propertyTable());
        await close();
        return { count: found.length, first: found.slice(0, 3) };
      },
    },
    async close() {
      clearInterval(changing);
      front.close();
      await graph.close();
    },
  };
}
