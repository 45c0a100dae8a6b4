import type { Break } from './breaks.ts';

let broken: Break | undefined;

/** Hooks of Node's loader, which run in a thread of their own. */
export function initialize(given: Break): void {
  broken = given;
}

interface Loaded {
  source?: string | Uint8Array;
}

export async function load<Context>(
  url: string,
  context: Context,
  nextLoad: (url: string, context: Context) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await nextLoad(url, context);
  if (!broken || !url.endsWith(broken.file)) return loaded;
  const source = broken.edits.reduce(edit, Buffer.from(loaded.source ?? '').toString());
  return { ...loaded, source };
}

function edit(source: string, [from, to]: [string, string]): string {
  if (!source.includes(from)) throw new Error(`nothing to break: there is no "${from}" any more`);
  return source.replace(from, to);
}
