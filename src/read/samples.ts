/** One sample a name, under one label. */
export const labelled = (label: string, values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

export const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((total, item) => total + of(item), 0);

/** Sums by name. */
export const sumOf = <T>(items: readonly T[], of: (item: T) => Record<string, number>) => {
  const totals: Record<string, number> = {};
  for (const item of items)
    for (const [name, value] of Object.entries(of(item)))
      totals[name] = (totals[name] ?? 0) + value;
  return totals;
};

/** What was counted under names that begin so, by the rest of the name. */
export const countedAs = (counts: Readonly<Record<string, number>>, begin: string) =>
  Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => name.startsWith(begin))
      .map(([name, value]) => [name.slice(begin.length), value]),
  );

/** Undefined where there was no such time. */
export const secondsSince = (nowMs: number, at: Date | null | undefined) =>
  at ? Math.max(0, (nowMs - at.getTime()) / 1_000) : undefined;

/** In seconds; undefined where there is no time at all. */
export function longestAge(
  times: readonly (Date | null | undefined)[] | undefined,
  nowMs: number,
): number | undefined {
  const ages = times?.flatMap((at) => secondsSince(nowMs, at) ?? []) ?? [];
  return ages.length > 0 ? Math.max(...ages) : undefined;
}
