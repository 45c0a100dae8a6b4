import type { BatchAnswer } from '../hr/intake.ts';
import type { explain } from '../hr/explain.ts';
import type { Preview } from '../hr/preview.ts';
import type { readStatus } from '../hr/status.ts';
import { plural, table } from './output.ts';

export function planInWords(plans: readonly Preview[]): string {
  const lines = plans.flatMap((plan) => [
    `${plan.employeeId}: ${headline(plan)}`,
    ...details(plan),
  ]);
  return lines.join('\n');
}

function headline(plan: Preview): string {
  if (plan.kind === 'refuse') return `refused (${plan.refusal.rule})`;
  return plan.kind === 'unchanged' ? 'nothing to do' : plan.kind;
}

function details(plan: Preview): string[] {
  if (plan.kind === 'refuse') return [`  ${plan.refusal.message}`];
  if (plan.kind === 'invalid')
    return plan.problems.map(({ field, message }) => `  ${field} ${message}`);
  if (plan.kind === 'unchanged') return [];
  const changes = Object.entries(plan.diff).map(
    ([name, { from, to }]) => `  ${name}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
  );
  const waits = plan.waitsFor === undefined ? [] : [`  manager: waits for ${plan.waitsFor}`];
  return [...changes, ...waits];
}

export function importInWords({ importId, state, results }: BatchAnswer): string {
  const count = (status: string) => results.filter((each) => each.status === status).length;
  const wrong = results.flatMap((each) =>
    each.status === 'invalid'
      ? each.problems.map(({ field, message }) => `  ${each.employeeId}: ${field} ${message}`)
      : [],
  );
  const held =
    state === 'held'
      ? [`It changes too many people and is held: entra-mirror hr approve ${importId}`]
      : [];
  const counts = `${count('accepted')} accepted, ${count('held')} held, ${count('unchanged')} unchanged, ${count('invalid')} invalid`;
  return [counts, ...wrong, ...held].join('\n');
}

export function explanationInWords(
  found: NonNullable<Awaited<ReturnType<typeof explain>>>,
): string {
  const { employeeId, state, reason, trouble, waitsFor, objectId, importId, log } = found;
  return [
    `${employeeId} is ${state}${objectId === null ? '' : ` (object ${objectId} in Entra)`}`,
    ...(reason ? [`${reason.rule}: ${reason.message}`] : []),
    ...(trouble === null ? [] : [`trouble: ${trouble}`]),
    ...(waitsFor === null ? [] : [`the manager ${waitsFor} is not in Entra yet`]),
    ...(state === 'held' ? [`import ${importId ?? ''} waits for a person's approval`] : []),
    ...log.map(({ at, did, what }) => `  ${new Date(at).toISOString()} ${did}: ${what}`),
  ].join('\n');
}

export function statusInWords(status: Awaited<ReturnType<typeof readStatus>>): string {
  const people = table(
    ['people', 'count'],
    Object.entries(status.people).map(([state, count]) => [state, count]),
    'Nobody.',
  );
  const imports = status.imports.map(
    ({ id, state, changed, limit }) =>
      `import ${id} is ${state}: ${plural(changed, 'person', 'people')}, limit ${limit}`,
  );
  if (!('token' in status)) return ['HR is not connected.', people, ...imports].join('\n');
  const { clientId, token, missing, problem } = status;
  return [
    `HR is connected as app ${clientId}; its token is ${token}.`,
    ...(missing.length > 0 ? [`Permissions that are missing: ${missing.join(', ')}`] : []),
    ...(problem === null ? [] : [problem]),
    people,
    ...imports,
  ].join('\n');
}
