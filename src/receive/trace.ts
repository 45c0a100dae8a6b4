import { randomUUID } from 'node:crypto';

/** The sender's W3C trace context where it is valid. */
export function traceparentOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && validTraceparent.test(header) ? header : undefined;
}

export function newTraceparent(): string {
  return `00-${hexDigits()}-${hexDigits().slice(0, 16)}-01`;
}

// Version 00; ids of zeros only are invalid.
const validTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function hexDigits(): string {
  return randomUUID().replaceAll('-', '');
}
