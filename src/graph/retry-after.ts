const longestMs = 60 * 60 * 1_000;

/** Milliseconds that a `Retry-After` header asks for (seconds or an HTTP date), at most an hour; undefined for nonsense. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1_000), longestMs);
  // Date.parse takes "-5" and "1 apple" for dates of some year: an HTTP date begins with a weekday.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), longestMs);
}
