import type { ObjectType } from '../../change.ts';
import type { AuditDifference, AuditResult, DifferenceCounts } from '../../mirror/audits.ts';

type Compared = ObjectType | 'manager' | 'membership';

const listedAtMost = 1_000;

/** Counts what an audit compared and found; the first differences are kept by name. */
export class Tally {
  readonly #compared = { user: 0, group: 0, manager: 0, membership: 0 };
  readonly #counts = {
    users: none(),
    groups: none(),
    memberships: none(),
    managers: none(),
  };
  readonly #listed: AuditDifference[] = [];
  held = 0;
  kept = 0;
  unsettled = 0;
  unread = 0;

  compared(what: Compared, by = 1): void {
    this.#compared[what] += by;
  }

  /** The list of a type begins again. */
  restart(type: ObjectType): void {
    this.#compared[type] = 0;
    if (type === 'user') this.#compared.manager = 0;
  }

  add(difference: AuditDifference): void {
    this.#counts[difference.of][difference.kind] += 1;
    if (this.#listed.length < listedAtMost) this.#listed.push(difference);
  }

  result(): Omit<AuditResult, 'tenantId' | 'beganAt' | 'endedAt' | 'repaired' | 'olderThanMs'> {
    const { user: users, group: groups, manager: managers, membership } = this.#compared;
    const { held, kept, unsettled, unread } = this;
    const sums = Object.values(this.#counts).map(
      ({ missing, extra, different }) => missing + extra + different,
    );
    return {
      compared: { users, groups, memberships: membership, managers },
      counts: this.#counts,
      differences: sums.reduce((sum, one) => sum + one, 0),
      ...{ held, kept, unsettled, unread },
      listed: this.#listed,
    };
  }
}

const none = (): DifferenceCounts => ({ missing: 0, extra: 0, different: 0 });
