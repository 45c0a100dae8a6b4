import { drawInteger, pick, type Random } from '../../../src/local/graph/random.ts';
import type { Action, Plan, Step } from './plan.ts';

/** What a family of faults draws from. */
interface Drawn {
  random: Random;
  crew: Plan['crew'];
  at: () => number;
  /** When something changes, so that there is work. */
  amidst: () => number;
  member: () => number;
  between: (low: number, high: number) => number;
}
interface Family {
  steps?: Step[];
  graph?: Plan['graph'];
  queue?: Partial<Plan['queue']>;
  company?: Partial<Plan['company']>;
  holdAbove?: number;
}

const second = 1_000;

/** Each family is one kind of trouble; a run has a few of them. */
export const families: readonly ((drawn: Drawn) => Family)[] = [
  lostNotifications,
  lateNotifications,
  lateReplicas,
  lateDelta,
  mannersOfDelta,
  undocumentedBehaviour,
  goneLinks,
  throttling,
  failures,
  silence,
  refusals,
  kills,
  sleepers,
  clockJumps,
  queueAway,
  queueRepeats,
  queueRefuses,
  deadLetters,
  mongoAway,
  mongoFails,
  subscriptions,
  massRemovals,
];

function lostNotifications({ between }: Drawn): Family {
  return { graph: { notificationLossRate: between(0.05, 0.9) } };
}

function lateNotifications({ between }: Drawn): Family {
  return {
    graph: {
      notificationDuplicateRate: between(0, 0.5),
      notificationDelayRate: between(0.1, 0.9),
      notificationDelayMs: between(5, 120) * second,
    },
  };
}

function lateReplicas({ between }: Drawn): Family {
  return { graph: { replicaLagMs: between(1, 12) * second } };
}

function lateDelta({ between }: Drawn): Family {
  return { graph: { deltaLagMs: between(1, 12) * second } };
}

function mannersOfDelta({ random, between }: Drawn): Family {
  return {
    graph: {
      deltaChangedOnly: random() < 0.5,
      deltaCopies: random() < 0.5,
      deltaRepeatRate: between(0, 0.5),
      deltaEmptyPageRate: between(0, 0.5),
    },
  };
}

function undocumentedBehaviour({ random }: Drawn): Family {
  const maybe = () => random() < 0.5;
  return {
    graph: {
      deltaShowsDeletedFirst: maybe(),
      deltaShowsRestoredMembers: maybe(),
      deltaShowsFormerManager: maybe(),
      managerNotifies: maybe(),
      purgeNotifiesGroups: maybe(),
      notificationsShowMembers: maybe(),
      renewalValidates: maybe(),
      purgesSecurityGroups: maybe(),
      membersOmitServicePrincipals: maybe(),
      punishesSlowEndpoints: maybe(),
      thinnedMemberRate: maybe() ? 0.2 : 0,
    },
  };
}

function goneLinks({ between }: Drawn): Family {
  return { graph: { deltaGoneRate: between(0.02, 0.2), pageExpiredRate: between(0, 0.2) } };
}

function throttling({ between }: Drawn): Family {
  return { graph: { throttleRate: between(0.02, 0.3) } };
}

function failures({ between }: Drawn): Family {
  return {
    graph: {
      errorRate: between(0, 0.2),
      unavailableRate: between(0, 0.2),
      malformedRate: between(0, 0.1),
      expiredTokenRate: between(0, 0.1),
    },
  };
}

function silence({ between }: Drawn): Family {
  return { graph: { silenceRate: between(0.005, 0.05) } };
}

function refusals(drawn: Drawn): Family {
  const { random, between } = drawn;
  return several(drawn, 3, () =>
    random() < 0.5
      ? {
          kind: 'graphAway',
          how: pick(random, ['unavailableRate', 'errorRate', 'malformedRate'] as const),
          forMs: between(1, 90) * second,
        }
      : {
          kind: 'graphRefuses',
          how: pick(random, ['forbidden', 'refusesTokens'] as const),
          forMs: between(1, 90) * second,
        },
  );
}

/** In the midst of work, at any of the writes that it takes. */
function kills(drawn: Drawn): Family {
  const { random, member, between, amidst } = drawn;
  return several({ ...drawn, at: amidst }, 12, () => ({
    kind: 'kill',
    member: member(),
    writes: 1 + drawInteger(random, 40),
    downMs: between(0.5, random() < 0.2 ? 120 : 10) * second,
  }));
}

function sleepers(drawn: Drawn): Family {
  const { random, member, between, amidst } = drawn;
  return several({ ...drawn, at: amidst }, 12, () => ({
    kind: 'sleep',
    member: member(),
    writes: 1 + drawInteger(random, 40),
    forMs: between(1, 80) * second,
  }));
}

function clockJumps(drawn: Drawn): Family {
  const { member, between } = drawn;
  return several(drawn, 4, () => ({
    kind: 'clock',
    member: member(),
    byMs: Math.round(between(-300, 300)) * second,
  }));
}

function queueAway(drawn: Drawn): Family {
  const { random, between } = drawn;
  return several(drawn, 4, () =>
    random() < 0.5
      ? { kind: 'queueCut' }
      : { kind: 'queueAway', forMs: between(1, random() < 0.3 ? 150 : 20) * second },
  );
}

function queueRepeats(drawn: Drawn): Family {
  const { random } = drawn;
  return several(drawn, 10, () =>
    random() < 0.5
      ? { kind: 'redeliver' }
      : { kind: 'duplicate', count: 1 + drawInteger(random, 5) },
  );
}

function queueRefuses(drawn: Drawn): Family {
  const { random, between } = drawn;
  return several(drawn, 5, () =>
    random() < 0.5
      ? {
          kind: 'refuseSends',
          how: pick(random, ['busy', 'full'] as const),
          forMs: between(1, 40) * second,
        }
      : { kind: 'slowSends', ms: between(0.5, 8) * second, forMs: between(5, 40) * second },
  );
}

/** A broker that gives up early: what it dead-letters is unfinished work. */
function deadLetters(drawn: Drawn): Family {
  const { random, member, between } = drawn;
  const broken = several(drawn, 10, () =>
    random() < 0.5
      ? { kind: 'redeliver' }
      : {
          kind: 'kill',
          member: member(),
          writes: 1 + drawInteger(random, 20),
          downMs: between(0.5, 5) * second,
        },
  );
  return {
    ...broken,
    queue: { lockMs: 30 * second, maxDeliveryCount: 1 + drawInteger(random, 3) },
  };
}

function mongoAway(drawn: Drawn): Family {
  const { random, between } = drawn;
  return several(drawn, 4, () => ({
    kind: 'mongoAway',
    how: pick(random, ['refuse', 'hang'] as const),
    forMs: between(1, random() < 0.3 ? 100 : 15) * second,
  }));
}

const commands = ['update', 'find', 'findAndModify', 'insert', 'hello', 'update', 'findAndModify'];
/** Interrupted, not primary, write conflict, exceeded its time, a bad value. */
const codes = [11_600, 10_107, 112, 50, 2];

function mongoFails(drawn: Drawn): Family {
  const { random } = drawn;
  return several(drawn, 20, () =>
    random() < 0.2
      ? { kind: 'insertBetween' }
      : {
          kind: 'mongoFails',
          command: pick(random, commands),
          failure:
            random() < 0.5
              ? { code: pick(random, codes) }
              : { closeConnection: pick(random, ['before', 'after'] as const) },
        },
  );
}

function subscriptions(drawn: Drawn): Family {
  const { random } = drawn;
  const steps = several(drawn, 5, () =>
    random() < 0.6
      ? { kind: 'unsubscribe', announced: random() < 0.3 }
      : { kind: 'lifecycle', event: pick(random, ['reauthorizationRequired', 'missed'] as const) },
  );
  return { ...steps, graph: { subscriptionVanishRate: random() < 0.3 ? 0.1 : 0 } };
}

/** So many are removed at once that a person has to decide; the group of everyone is large enough. */
function massRemovals(drawn: Drawn): Family {
  const { random } = drawn;
  const removals = several(drawn, 3, () => {
    const count = 6 + drawInteger(random, 12);
    const comeBack = drawInteger(random, count);
    return random() < 0.6
      ? { kind: 'removePeople', count, comeBack, purged: drawInteger(random, count - comeBack) }
      : { kind: 'removeMembers', count, comeBack };
  });
  const decisions = several(drawn, 2, () => ({
    kind: 'decide',
    as: random() < 0.5 ? 'approved' : 'rejected',
  }));
  return {
    steps: [...(removals.steps ?? []), ...(decisions.steps ?? [])],
    company: { users: 56 + drawInteger(random, 10) },
    holdAbove: 4,
  };
}

function several({ random, at }: Drawn, most: number, draw: () => Action): Family {
  const count = 1 + drawInteger(random, most);
  return { steps: Array.from({ length: count }, () => ({ atMs: at(), ...draw() })) };
}
