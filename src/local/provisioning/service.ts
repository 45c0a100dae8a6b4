import { randomUUID } from 'node:crypto';
import type { Snapshot } from '../graph/directory/snapshot.ts';
import type { Dialect } from './operations.ts';
import { provisionPeople, type KnownPerson } from './people.ts';
import { createTarget } from './target.ts';
import { provisionTeams, type KnownTeam } from './teams.ts';

/**
 * Entra's provisioning service: what it sends to a SCIM server, in its order and its own dialects. It
 * knows the target by its own requests and never reads what was changed there.
 */
export function createProvisioning(options: {
  tenantUrl: string;
  secret: () => string;
  dialect?: Dialect;
}) {
  const { tenantUrl, secret, dialect = 'default' } = options;
  const target = createTarget(tenantUrl, secret);
  const people = new Map<string, KnownPerson>();
  const teams = new Map<string, KnownTeam>();
  return {
    get requests() {
      return target.requests;
    },
    /** Looks for somebody who cannot be there. */
    async testConnection(): Promise<boolean> {
      const { totalResults } = await target.find('/Users', `userName eq "${randomUUID()}"`);
      return totalResults === 0;
    },
    /** Brings the target up to the directory; the first one is the initial cycle. */
    async cycle(snapshot: Snapshot): Promise<void> {
      await provisionPeople(target, dialect, snapshot, people);
      await provisionTeams(target, dialect, snapshot, { people, teams });
    },
  };
}
