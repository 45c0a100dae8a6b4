import type { KeptLink } from './types.ts';

/**
 * Links worth keeping, oldest first: those of `keepMs` counted back from the last finished sweep,
 * one in `spacingMs`, and the newest.
 */
export function thinLinks(
  links: readonly KeptLink[],
  sweptAt: Date | undefined,
  { keepMs, spacingMs }: { keepMs: number; spacingMs: number },
): KeptLink[] {
  const newest = links.at(-1);
  const oldestAt = sweptAt ? sweptAt.getTime() - keepMs : -Infinity;
  const kept: KeptLink[] = [];
  for (const link of links) {
    const at = link.at.getTime();
    const isSpaced = at - (kept.at(-1)?.at.getTime() ?? -Infinity) >= spacingMs;
    if (link === newest || (at >= oldestAt && isSpaced)) kept.push(link);
  }
  return kept;
}

/**
 * The link from which a sweep starts: the newest that was received `overlapMs` or longer before the
 * last finished sweep began, so that what a late replica held back is shown again; else the oldest.
 */
export function sweepStart(
  links: readonly KeptLink[],
  sweptAt: Date | undefined,
  overlapMs: number,
): KeptLink | undefined {
  const latestAt = sweptAt ? sweptAt.getTime() - overlapMs : -Infinity;
  return links.findLast(({ at }) => at.getTime() <= latestAt) ?? links[0];
}
