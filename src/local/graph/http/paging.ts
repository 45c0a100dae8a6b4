import { badRequest, type GraphReply, type GraphRequest } from './exchange.ts';

interface Page<R> {
  items: R[];
  /** Position of the first item of the next page. */
  next?: number;
}

const DEFAULT_SIZE = 100;
const GREATEST_SIZE = 999;

/** Up to `size` items that `map` accepts, from `position` on; it looks ahead, so no page is empty. */
export function takePage<T, R>(
  list: readonly T[],
  position: number,
  size: number,
  map: (item: T) => R | undefined,
): Page<R> {
  const items: R[] = [];
  for (let index = position; index < list.length; index += 1) {
    const item = list[index];
    const mapped = item === undefined ? undefined : map(item);
    if (mapped === undefined) continue;
    if (items.length === size) return { items, next: index };
    items.push(mapped);
  }
  return { items };
}

/** Reads `$top` and `$skiptoken`; a reply where Graph would refuse them. */
export function readPaging({
  query,
  tenant,
}: GraphRequest): { size: number; position: number } | GraphReply {
  const size = Number(query.get('$top') ?? DEFAULT_SIZE);
  if (!Number.isInteger(size) || size < 1 || size > GREATEST_SIZE) {
    return badRequest(
      `Invalid page size specified: '${query.get('$top') ?? ''}'. Must be between 1 and 999 inclusive.`,
      'Request_UnsupportedQuery',
    );
  }
  const token = query.get('$skiptoken');
  if (token === null) return { size, position: 0 };
  const position = readPosition(token);
  if (position === undefined || tenant.chance('pageExpiredRate')) {
    return badRequest(
      'The specified page token value has expired and can no longer be included in your request.',
      'Directory_ExpiredPageToken',
    );
  }
  return { size, position };
}

/** `@odata.nextLink` for this request from `next` on, or nothing on the last page. */
export function nextLink(request: GraphRequest, next: number | undefined): Record<string, string> {
  if (next === undefined) return {};
  const query = new URLSearchParams(request.query);
  query.set('$skiptoken', Buffer.from(`page:${next}`).toString('base64url'));
  return {
    '@odata.nextLink': `${request.baseUrl}/${request.segments.join('/')}?${printQuery(query)}`,
  };
}

function printQuery(query: URLSearchParams): string {
  return [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}

function readPosition(token: string): number | undefined {
  const match = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  return match ? Number(match[1]) : undefined;
}
