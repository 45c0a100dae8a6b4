import { randomUUID } from 'node:crypto';
import type { Tenant } from '../tenant.ts';

/** One request of Graph, direct or a part of a batch. */
export interface GraphRequest {
  tenant: Tenant;
  appId: string;
  method: string;
  /** Decoded parts of the path below the version. */
  segments: string[];
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  body: unknown;
  /** `http://127.0.0.1:PORT/v1.0`, for links. */
  baseUrl: string;
}

export interface GraphReply {
  status: number;
  headers?: Record<string, string>;
  body?: object;
  /** The body is cut off half way. */
  isCutOff?: boolean;
}

/** Tells a refusal from what a reader of input found. */
export function isReply(value: object): value is GraphReply {
  return 'status' in value && typeof value.status === 'number';
}

export function ok(body: object): GraphReply {
  return { status: 200, body };
}

export const NO_CONTENT: GraphReply = { status: 204 };

/** An error in Graph's shape. */
export function failure(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): GraphReply {
  const requestId = randomUUID();
  const date = new Date().toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': requestId };
  return { status, headers, body: { error: { code, message, innerError } } };
}

export function notFound(id: string): GraphReply {
  return failure(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function badRequest(message: string, code = 'Request_BadRequest'): GraphReply {
  return failure(400, code, message);
}

/** `@odata.context` of a collection or entity. */
export function contextOf({ baseUrl }: GraphRequest, of: string): Record<string, string> {
  return { '@odata.context': `${baseUrl}/$metadata#${of}` };
}
