/** A rule of the product that is broken on purpose, by edits of the code that keeps it. */
export interface Break {
  /** Ending of the compiled file. */
  file: string;
  edits: [from: string, to: string][];
  /** The families of faults under which the rule matters. */
  families: string[];
  /** False where a sweep would heal what is broken. */
  sweeps?: false;
}

/** Named after the rule that is broken. */
export const breaks: Record<string, Break> = {
  'a write without its fence': {
    file: '/mirror/fenced-writes.js',
    edits: [
      ["'mirror.fence': { $lt: token }, ", ''],
      ['fence > how.token', 'false'],
      ['fence >= how.token', 'false'],
    ],
    families: ['sleepers', 'queueRepeats', 'lateNotifications'],
    sweeps: false,
  },
  'the token after the read': {
    file: '/sync/read-and-write.js',
    edits: [
      ['const token = await mirror.drawToken(batch.tenantId);', 'let token;'],
      ['const tooOld', 'token = await mirror.drawToken(batch.tenantId); const tooOld'],
    ],
    families: ['sleepers', 'queueRepeats', 'lateNotifications'],
    sweeps: false,
  },
  'a settlement before the write': {
    file: '/queue/handle-batch.js',
    edits: [
      [
        'const outcomes = await outcomesOf',
        "for (const { message } of held) await settleCounted(message, { kind: 'complete' }, deps);\n    const outcomes = await outcomesOf",
      ],
    ],
    families: ['kills'],
    sweeps: false,
  },
  'no overlap of sweeps': {
    file: '/mirror/links.js',
    edits: [['sweptAt.getTime() - overlapMs', 'Infinity']],
    families: ['lateReplicas', 'lostNotifications'],
  },
  'the end of a membership by one absence': {
    file: '/mirror/edges.js',
    edits: [["'mirror.absent.at': notedBy", '']],
    families: ['lateReplicas', 'lostNotifications', 'goneLinks'],
  },
  'a deletion by one absence': {
    file: '/sync/outcome.js',
    edits: [['leftMs <= 0', 'true']],
    families: ['lateReplicas', 'lostNotifications'],
  },
  'no sweep at all': {
    file: '/sync/sweep.js',
    edits: [['if (different.length > 0)', 'if (false)']],
    families: ['lostNotifications'],
  },
};
