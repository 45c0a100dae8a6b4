import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { GraphReply } from './exchange.ts';

export function sendReply(
  response: ServerResponse,
  { status, headers, body, isCutOff }: GraphReply,
): void {
  const json = body ? JSON.stringify(body) : '';
  const text = isCutOff ? json.slice(0, json.length / 2) : json;
  response.writeHead(status, {
    'request-id': randomUUID(),
    ...(text && { 'Content-Type': 'application/json' }),
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
