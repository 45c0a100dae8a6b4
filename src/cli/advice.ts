import type { Explanation } from './explain.ts';

/** What to do about an object, the most pressing first; one line that says so where nothing is. */
export function adviceFor(found: Omit<Explanation, 'advice'>): string[] {
  const advice = [
    ...tenantAdvice(found),
    ...deadLetterAdvice(found),
    ...directoryAdvice(found),
    ...mirrorAdvice(found),
  ];
  return advice.length > 0 ? advice : ['Mirror and directory agree: nothing to do.'];
}

type Found = Omit<Explanation, 'advice'>;

function tenantAdvice({ tenant }: Found): string[] {
  if (tenant.degraded !== undefined) return [`Graph refuses the tenant: ${tenant.degraded}`];
  if (tenant.state === 'paused') return ['The tenant is paused: resume it; a sweep then follows.'];
  if (tenant.state === 'unknown') return ['The tenant is not connected: start a scheduler.'];
  if (tenant.phase !== 'live')
    return [`The tenant is not live yet (${tenant.phase}): wait for it.`];
  return [];
}

const deadLetterAdvice = ({ deadLetters }: Found): string[] =>
  deadLetters.map(({ id, reason }) => {
    const cause =
      reason === 'TooLarge'
        ? 'it has more than the 16 MB that MongoDB takes as a document: make it smaller in the directory'
        : 'remove the cause';
    return `A change is a dead letter (${reason}): ${cause}, then "dead-letters replay ${id}".`;
  });

function directoryAdvice({ directory }: Found): string[] {
  if (directory === 'throttled') return ['Graph throttles the tenant: ask again in a minute.'];
  if (directory === 'failed') return ['Graph does not answer: "doctor" tells why.'];
  if (directory === 'refused')
    return ['Graph refuses this object: "doctor" checks the permissions.'];
  return [];
}

function mirrorAdvice(found: Found): string[] {
  const { mirror, directory, differences, queued, object } = found;
  const isDifferent = differences.length > 0 || stateDiffers(mirror?.state, directory);
  if (!isDifferent) return [];
  if (mirror && mirror.hold !== null)
    return [
      `Its removal is held with many others: "holds list", then "holds approve ${mirror.hold}".`,
    ];
  if (queued.length > 0) return ['It is in the queue: the mirror follows when its turn comes.'];
  if (directory === 'missing' && !mirror)
    return ['Nobody knows this id: a new object may take minutes to show in Graph.'];
  return [`The mirror is behind: "fetch ${object.id}" has it read now; the next sweep does too.`];
}

function stateDiffers(state: string | undefined, directory: Explanation['directory']): boolean {
  if (directory === 'active') return state !== 'active';
  if (directory === 'softDeleted') return state !== 'softDeleted';
  return directory === 'missing' && state !== 'purged';
}
