/** How many removals within the window of a tenant or a group are applied without asking a person. */
export interface RemovalLimits {
  /** So many always are. */
  least: number;
  /** Beyond that, this share of what was active when the window began. */
  share: number;
  /** Groups of so many members or fewer are not watched. */
  smallGroup: number;
}

export const defaultRemovalLimits: RemovalLimits = { least: 20, share: 0.1, smallGroup: 50 };

/** Whether removals are more than the limits let pass: `removed` of `active` objects, or members of a group. */
export function isMassRemoval(
  of: 'objects' | 'members',
  { removed, active }: { removed: number; active: number },
  { least, share, smallGroup }: RemovalLimits,
): boolean {
  if (of === 'members' && active <= smallGroup) return false;
  return removed > Math.max(least, active * share);
}
