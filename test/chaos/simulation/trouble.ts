import type { Random } from '../../../src/local/graph/random.ts';
import { sleep } from '../world/virtual-time.ts';
import { change, removeMembers, removePeople } from './changes.ts';
import type { Crew } from './crew.ts';
import type { Operator } from './operator.ts';
import type { Action } from './plan.ts';
import type { Servers } from './servers.ts';

/** How often each kind of fault really struck. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string, by = 1): void {
    if (by > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + by);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }
}

interface Scene {
  servers: Servers;
  crew: Crew;
  operator: Operator;
  tally: Tally;
  random: Random;
}

/** Carries out what the plan drew; trouble that lasts ends by itself. */
export function carryOut(action: Action, scene: Scene): void {
  const { servers, crew, operator, tally, random } = scene;
  const { graph, bus, mongo } = servers;
  const strike = (name = action.kind as string) => tally.add(name);
  const during = (ms: number, begin: () => void, end: () => void) => {
    begin();
    strike();
    void sleep(ms).then(end);
  };
  switch (action.kind) {
    case 'changes':
      for (let count = 0; count < action.count; count += 1) change(graph.directory, random);
      return;
    case 'removePeople':
      return tally.add(action.kind, removePeople(graph.directory, random, action));
    case 'removeMembers':
      return tally.add(action.kind, removeMembers(graph.directory, random, action));
    case 'decide':
      // A person who cannot reach anything tries again another day.
      return void operator
        .decide(() => action.as)
        .then(
          (decided) => tally.add(action.as, decided),
          () => undefined,
        );
    case 'kill':
      return crew.member(action.member).kill(action.writes, action.downMs, strike);
    case 'sleep':
      return crew.member(action.member).sleep(action.writes, action.forMs, strike);
    case 'clock':
      crew.member(action.member).moveClock(action.byMs);
      return strike();
    case 'queueAway':
      return during(
        action.forMs,
        () => bus.inject.pause(),
        () => bus.inject.resume(),
      );
    case 'queueCut':
      bus.inject.dropConnections();
      return strike();
    case 'redeliver':
      if (servers.queue.counts.locked > 0) strike();
      return bus.inject.redeliver();
    case 'duplicate':
      bus.inject.duplicateNext(action.count);
      return tally.add(action.kind, action.count);
    case 'refuseSends':
      return during(
        action.forMs,
        () => bus.inject.refuseSends(action.how),
        () => bus.inject.refuseSends(undefined),
      );
    case 'slowSends':
      return during(
        action.forMs,
        () => bus.inject.delaySends(action.ms),
        () => bus.inject.delaySends(0),
      );
    case 'mongoAway':
      return during(
        action.forMs,
        () => mongo.inject.pause(action.how),
        () => mongo.inject.resume(),
      );
    case 'mongoFails':
      mongo.inject.failNext(action.command, action.failure);
      return strike();
    case 'insertBetween':
      servers.insertBetween();
      return strike();
    case 'graphAway': {
      const before = graph.faults[action.how];
      return during(
        action.forMs,
        () => (graph.faults[action.how] = 1),
        () => (graph.faults[action.how] = before),
      );
    }
    case 'graphRefuses':
      return during(
        action.forMs,
        () => (graph.faults[action.how] = true),
        () => (graph.faults[action.how] = false),
      );
    case 'unsubscribe':
      if (servers.unsubscribe(action.announced)) strike();
      return;
    case 'lifecycle':
      if (graph.tenant.notifier.sendLifecycle(action.event) > 0) strike();
  }
}
