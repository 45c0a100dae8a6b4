import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './support/bench.ts';
import { sendAll } from './support/http-load.ts';
import { disturb, postOf } from './support/notifications.ts';
import { figure, type Result } from './support/result.ts';
import { startWorld, waitFor, type Roles, type World } from './support/world.ts';

const sizes = { users: 1_000, changes: 9, perPost: 100, requestMs: 30, rounds: 5 };
type Sizes = typeof sizes;

/** Many notifications about few people. */
export const storm: Bench<Sizes> = {
  does: '10,000 notifications over 1,000 people, some twice and out of order, 30 ms per Graph request',
  sizes,
  smoke: { users: 60, changes: 3, rounds: 1 },
  async run(given, say) {
    const world = await startWorld({ ...given, groups: 10 });
    const roles = await world.startRoles(['receiver', 'worker', 'scheduler', 'api']);
    try {
      await world.live(roles);
      const storms: Storm[] = [];
      const naive: number[] = [];
      for (let round = 0; round < given.rounds; round += 1) {
        storms.push(await measureStorm(world, roles, `Title ${round}`, given));
        say(`storm ${round + 1}`);
      }
      for (let round = 0; round < given.rounds; round += 1)
        naive.push(await oneByOne(world, given));
      return report(storms, naive, (await world.differences()).count);
    } finally {
      await roles.stop();
      await world.close();
    }
  },
};

interface Storm {
  convergedMs: number;
  requests: number;
  units: number;
  notifications: number;
}

async function measureStorm(
  world: World,
  roles: Roles,
  title: string,
  given: Sizes,
): Promise<Storm> {
  const { graph, own, tenantId } = world;
  const people = await graph.call<string[]>('ids', 'user');
  // The directory's own announcements are lost; the storm is sent from here, so that its order is known.
  await graph.call('setFaults', { notificationLossRate: 1 });
  await graph.call('retitle', { wanted: people, times: given.changes, title });
  await graph.call('setFaults', { notificationLossRate: 0 });
  const [subscription] = (await graph.call<Subscription[]>('subscriptions')).filter(
    ({ resource }) => resource.includes('users'),
  );
  if (!subscription?.clientState) throw new Error('nobody subscribed to people');
  const { id: subscriptionId, clientState } = subscription;
  const all = disturb(Array.from({ length: given.changes }, () => people).flat());
  const bodies: string[] = [];
  for (let from = 0; from < all.length; from += given.perPost) {
    bodies.push(
      postOf({ subscriptionId, tenantId, clientState }, all.slice(from, from + given.perPost)),
    );
  }
  const before = await costs(world);
  const began = performance.now();
  const sent = sendAll(`${roles.ready.url}/notifications`, bodies, 20);
  const users = own.mirror.collections.objects.user;
  await waitFor(
    'the mirror to converge',
    async () => (await users.countDocuments({ tenantId, jobTitle: title })) === people.length,
    { everyMs: 40 },
  );
  const convergedMs = performance.now() - began;
  await sent;
  await settled(world);
  const after = await costs(world);
  return {
    convergedMs,
    requests: after.requests - before.requests,
    units: after.units - before.units,
    notifications: all.length,
  };
}

interface Subscription {
  id: string;
  resource: string;
  clientState: string | null;
}

async function costs({ graph, requests }: World) {
  const { resourceUnits } = await graph.call<{ resourceUnits: number }>('stats');
  return { requests: (await requests()).all, units: resourceUnits };
}

/** Second looks are over, and a sweep has followed. */
async function settled({ quiet, sweep }: World): Promise<void> {
  await quiet();
  await sweep();
  await sleep(200);
  await quiet();
}

/** One GET and one write per notification, 16 at once; in milliseconds. */
async function oneByOne({ graph, env, own, tenantId }: World, given: Sizes): Promise<number> {
  const people = await graph.call<string[]>('ids', 'user');
  const all = disturb(Array.from({ length: given.changes }, () => people).flat()).values();
  const token = await tokenOf(env['GRAPH_BASE_URL'] ?? '', tenantId);
  const copies = own.db.collection<{ _id: string }>('one_by_one');
  const began = performance.now();
  const lane = async () => {
    for (const id of all) {
      const answer = await fetch(`${env['GRAPH_BASE_URL']}/users/${id}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const person = (await answer.json()) as Record<string, unknown>;
      await copies.replaceOne({ _id: id }, person, { upsert: true });
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return performance.now() - began;
}

async function tokenOf(baseUrl: string, tenantId: string): Promise<string> {
  const answer = await fetch(`${new URL(baseUrl).origin}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: 'bench', client_secret: 'local' },
      scope: `${new URL(baseUrl).origin}/.default`,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function report(storms: readonly Storm[], naive: readonly number[], differences: number): Result {
  const perNotification = figure(
    'Graph requests per notification',
    'requests',
    storms.map(({ requests, notifications }) => requests / notifications),
  );
  const speed = figure('converged after', 'ms', naive, {
    name: 'of the mirror; a GET per notification',
    values: storms.map(({ convergedMs }) => convergedMs),
  });
  const converged = figure(
    'the mirror converged after',
    'ms',
    storms.map(({ convergedMs }) => convergedMs),
  );
  return {
    figures: [
      perNotification,
      figure(
        'resource units per notification',
        'units',
        storms.map(({ units, notifications }) => units / notifications),
      ),
      converged,
      figure('a GET per notification, 16 at once, converged after', 'ms', naive),
    ],
    targets: [
      { name: 'Graph requests per notification', value: perNotification.value, atMost: 0.02 },
      {
        name: 'times sooner than a GET per notification',
        value: speed.baseline?.ratio ?? NaN,
        atLeast: 20,
      },
      { name: 'differences', value: differences, atMost: 0 },
    ],
    notes: [
      'Second looks and a sweep are counted in; their waits are shortened to seconds, since no replica lags.',
    ],
  };
}
