/** Hooks of Node's loader, which run in a thread of their own. A module whose address says so is broken, and so is what it imports. */

interface Break {
  file: string;
  edits: [from: string, to: string][];
}
let breaks: Record<string, Break> = {};

export function initialize(given: Record<string, Break>): void {
  breaks = given;
}

interface Context {
  parentURL?: string;
}
interface Resolved {
  url: string;
}
interface Loaded {
  source?: string | Uint8Array;
}
type Next<Result> = (name: string, context: Context) => Promise<Result>;

/** Ours are loaded anew for each break, the packages once. */
export async function resolve(
  specifier: string,
  context: Context,
  next: Next<Resolved>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const broken = brokenIn(context.parentURL);
  if (broken === undefined || !specifier.startsWith('.')) return resolved;
  const url = new URL(resolved.url);
  url.searchParams.set('broken', broken);
  return { ...resolved, url: url.href };
}

export async function load(url: string, context: Context, next: Next<Loaded>): Promise<Loaded> {
  const loaded = await next(url, context);
  const { file, edits } = breaks[brokenIn(url) ?? ''] ?? {};
  if (!file || !edits || !new URL(url).pathname.endsWith(file)) return loaded;
  return { ...loaded, source: edits.reduce(edit, Buffer.from(loaded.source ?? '').toString()) };
}

const brokenIn = (url: string | undefined): string | undefined =>
  (url?.startsWith('file:') && new URL(url).searchParams.get('broken')) || undefined;

function edit(source: string, [from, to]: [string, string]): string {
  if (!source.includes(from)) throw new Error(`nothing to break: there is no "${from}" any more`);
  return source.replace(from, to);
}
