import type { AuditDifference, AuditResult } from '../mirror/audits.ts';
import { plural, table } from './output.ts';
import { duration } from './status-line.ts';

const listedAtMost = 20;
const kinds = ['users', 'groups', 'memberships', 'managers'] as const;

/** An audit's result for a person: figures, the first differences, and what may be claimed. */
export function auditInWords(result: AuditResult): string {
  const { tenantId, counts, compared, listed } = result;
  const rows = kinds.map((of) => {
    const { missing, extra, different } = counts[of];
    return [of, compared[of], missing, extra, different];
  });
  const head = [tenantId, 'compared', 'missing', 'extra', 'different'];
  const shown = listed.slice(0, listedAtMost).map(inWords);
  return [table(head, rows, ''), ...shown, ...remarks(result), claim(result)].join('\n');
}

function inWords({ of, kind, id, properties = [] }: AuditDifference): string {
  const names = properties.length > 0 ? `: ${properties.join(', ')}` : '';
  return `${of} ${id} ${kind}${names}`;
}

function remarks(result: AuditResult): string[] {
  const { listed, differences, held, kept, unsettled, unread, repaired } = result;
  const more = differences - Math.min(listed.length, listedAtMost);
  const all: [number, string][] = [
    [more, 'more, not shown'],
    [held, 'removals wait for a decision'],
    [kept, 'removals were rejected: the mirror keeps what the source does not have'],
    [unsettled, 'changed at each look and are not judged'],
    [unread, 'could not be read and are not judged'],
  ];
  const said = all.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return repaired ? [...said, 'What differs was handed on to be read again.'] : said;
}

/** A difference that is younger than a late replica and the audit itself cannot be seen by it. */
function claim({ differences, olderThanMs }: AuditResult): string {
  const age = duration(olderThanMs);
  return differences === 0
    ? `0 differences: no difference is older than ${age}.`
    : `${plural(differences, 'difference')}; besides what is counted here none is older than ${age}.`;
}
