import type { StoredConnection } from '../types.ts';

/** What it means to switch users or groups on or off, in sentences to be read before it is done. */
export function effectOf(
  connection: Pick<StoredConnection, 'users' | 'groups'>,
  wanted: { users?: boolean; groups?: boolean },
): string[] {
  return (['users', 'groups'] as const).flatMap((what) => {
    const next = wanted[what];
    if (next === undefined || next === connection[what]) return [];
    return next ? [on(what)] : [off(what)];
  });
}

const off = (what: string) =>
  `Entra is shown no ${what} and each of its writes of ${what} is refused with 403. What is held stays as it is. Switch off the mapping of ${what} in Entra first, or its log fills with failures.`;

const on = (what: string) =>
  `Entra's next cycle brings what changed; restart provisioning there to bring all ${what}.`;
