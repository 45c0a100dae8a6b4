import type { RoleName } from '../../../src/roles/start.ts';

export const parts = ['graph', 'mongo', 'queue'] as const;
export type Part = (typeof parts)[number];

export const queueName = 'directory-changes';

/** The roles that run, each as a process of its own. */
export const crew: readonly RoleName[] = ['receiver', 'worker', 'worker', 'scheduler'];
