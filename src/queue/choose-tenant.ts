/**
 * The tenant whose micro-batch starts next, or none. While others wait or run, a tenant holds at most a
 * quarter of the slots; even alone it leaves a quarter free, so that the next tenant starts at once.
 */
export function chooseTenant(
  waiting: readonly string[],
  running: ReadonlyMap<string, number>,
  slots: number,
): string | undefined {
  const taken = [...running.values()].reduce((sum, count) => sum + count, 0);
  if (taken >= slots) return undefined;
  const quarter = Math.max(1, Math.floor(slots / 4));
  return waiting.find((tenantId) => {
    const othersRunning = running.size > (running.has(tenantId) ? 1 : 0);
    const share = waiting.length > 1 || othersRunning ? quarter : Math.max(1, slots - quarter);
    return (running.get(tenantId) ?? 0) < share;
  });
}
