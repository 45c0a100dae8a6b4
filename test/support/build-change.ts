import type { Change } from '../../src/change.ts';

export function buildChange(id: string, changes: Partial<Change> = {}): Change {
  return {
    type: 'user',
    id,
    changeType: 'updated',
    origin: 'notification',
    receivedAt: '2026-11-29T10:00:00.000Z',
    attempt: 0,
    ...changes,
  };
}
