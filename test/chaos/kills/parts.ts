export const parts = ['graph', 'mongo', 'queue'] as const;
export type Part = (typeof parts)[number];

export const queueName = 'directory-changes';
