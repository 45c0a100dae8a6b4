import { LinkExpiredError } from '../ops/errors.ts';

/** The root of every request: origin and version, without a slash at its end. */
export function rootOf(baseUrl: string): string {
  return `${new URL(baseUrl).origin}/v1.0`;
}

export function isLoopback(baseUrl: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(baseUrl).hostname);
}

/**
 * A link of Graph as path and query below the root, which is how links are kept and followed: a token
 * must not go to another host, and the SDK takes an `http://` link for a path. Throws
 * `LinkExpiredError` for a link that leads elsewhere.
 */
export function relativeLink(link: string, root: string): string {
  if (/^\/[^/]/.test(link)) return link;
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (!url || !`${url.origin}${url.pathname}`.startsWith(`${root}/`)) {
    throw new LinkExpiredError(
      `a link leads to ${url?.origin ?? 'nowhere'}, not to ${root}: it is not followed`,
    );
  }
  // The SDK takes "https://" anywhere in a path, even in its query, for the begin of a host.
  const query = url.search.replaceAll('://', '%3A%2F%2F');
  return `${url.pathname.slice(new URL(root).pathname.length)}${query}`;
}
