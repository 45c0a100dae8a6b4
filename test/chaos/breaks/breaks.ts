import type * as scenes from './scenes.ts';

/** A rule of the product that is broken on purpose, by edits of the code that keeps it. */
export interface Break {
  /** Ending of the compiled file. */
  file: string;
  edits: [from: string, to: string][];
  /** Provokes what the rule is for. */
  scene: keyof typeof scenes;
}

/** Named after what is wrong. */
export const breaks: Record<string, Break> = {
  'invariant 1: a settlement before the write': {
    file: '/queue/handle-batch.js',
    edits: [
      [
        'const outcomes = await outcomesOf',
        "for (const { message } of held) await settleCounted(message, { kind: 'complete' }, deps);\n    const outcomes = await outcomesOf",
      ],
    ],
    scene: 'aWorkerDies',
  },
  'invariant 2: a part of an object as data': {
    file: '/sync/outcome.js',
    edits: [
      [
        'const { properties, managerId } = read.object',
        'const { properties: { displayName }, managerId } = read.object, properties = { displayName }',
      ],
    ],
    scene: 'aPersonChanges',
  },
  'invariant 3: a write without its fence': {
    file: '/mirror/fenced-writes.js',
    edits: [
      ["'mirror.fence': { $lt: token }, ", ''],
      ['fence > how.token', 'false'],
      ['fence >= how.token', 'false'],
    ],
    scene: 'theSlowerWritesLast',
  },
  'invariant 3: the token after the read': {
    file: '/sync/read-and-write.js',
    edits: [
      ['const token = await mirror.drawToken(batch.tenantId);', 'let token;'],
      ['const tooOld', 'token = await mirror.drawToken(batch.tenantId); const tooOld'],
    ],
    scene: 'theSlowerWritesLast',
  },
  'invariant 4: a deletion by one absence': {
    file: '/sync/outcome.js',
    edits: [['leftMs <= 0', 'true']],
    scene: 'aReadMissesAPerson',
  },
  'invariant 4: the end of a membership by one absence': {
    file: '/mirror/edges.js',
    edits: [["'mirror.absent.at': notedBy", '']],
    scene: 'aReadMissesAMember',
  },
  'invariant 5: no sweep': {
    file: '/sync/sweep.js',
    edits: [['return hintsOf(refs, counter, clock.now())', 'return []']],
    scene: 'aNotificationIsLost',
  },
  'invariant 5: no overlap of sweeps': {
    file: '/mirror/links.js',
    edits: [['sweptAt.getTime() - overlapMs', 'Infinity']],
    scene: 'aReplicaLags',
  },
  'invariant 6: a gap without a sweep': {
    file: '/sync/sweep-all.js',
    edits: [['mirror.requestSweep(id)', 'undefined']],
    scene: 'nobodyWasThere',
  },
  'invariant 7: poison that holds up its neighbours': {
    file: '/sync/handle-changes.js',
    edits: [
      ['if (changes.length === 1)', 'if (true)'],
      ['return [{', 'return changes.map(() => ({'],
      ['reason: messageOf(error) }];', 'reason: messageOf(error) }));'],
    ],
    scene: 'oneCannotBeStored',
  },
  "invariant 8: one tenant's trouble is all tenants'": {
    file: '/queue/choose-tenant.js',
    edits: [
      ['Math.floor(slots / 4)', 'slots'],
      ['slots - quarter', 'slots'],
    ],
    scene: 'anotherTenantHangs',
  },
};
