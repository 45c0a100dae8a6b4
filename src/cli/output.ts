import Table from 'cli-table3';

/** One JSON value with `json`, else what a person reads. */
export function print(json: boolean | undefined, value: unknown, inWords: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : inWords()}\n`);
}

/** A table with a heading per column; `whenEmpty` instead of one without rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  whenEmpty: string,
): string {
  if (rows.length === 0) return whenEmpty;
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

/** `1 dead letter`, `2 dead letters`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
