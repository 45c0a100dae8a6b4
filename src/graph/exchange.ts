import {
  Client,
  GraphClientError,
  HTTPMessageHandler,
  ResponseType,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client';
import { parseJson, type Answer } from './answer.ts';
import { malformed } from './errors.ts';

export interface Sent {
  method?: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** Path and query below the version. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Sends one request by the SDK, once; rejects only where there is no answer or no JSON in a good one. */
export type Exchange = (request: Sent, signal: AbortSignal) => Promise<Answer>;

/** `root` is origin and version; no other URL is ever sent the token. */
export function createExchange(root: string, token: () => Promise<string>): Exchange {
  const sdk = Client.initWithMiddleware({
    baseUrl: new URL(root).origin,
    defaultVersion: 'v1.0',
    middleware: tokenHandler(root, token, new HTTPMessageHandler()),
  });
  return async ({ method = 'get', path, body, headers = {} }, signal) => {
    // Raw, since the SDK would parse only what is labelled as plain JSON and hand out streams else.
    const call = sdk.api(path).responseType(ResponseType.RAW).headers(headers);
    call.options({ signal, redirect: 'manual' });
    try {
      const response = (await (method === 'get' || method === 'delete'
        ? call[method]()
        : call[method](body))) as Response;
      return await answerOf(response);
    } catch (error) {
      throw asPlain(error instanceof GraphClientError ? error.customError : error);
    }
  };
}

/** The SDK's own handler gives tokens only to `https://` hosts of its list; this one to exactly our root. */
function tokenHandler(root: string, token: () => Promise<string>, next: Middleware): Middleware {
  const execute = async (context: Context): Promise<void> => {
    if (typeof context.request !== 'string' || !context.request.startsWith(`${root}/`)) {
      throw new Error(`the SDK built a URL outside of ${root}`);
    }
    const headers = new Headers(context.options?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    context.options = { ...context.options, headers };
    await next.execute(context);
  };
  return { execute: (context) => execute(context).catch(throwThrough) };
}

/** The SDK replaces any error by a copy of its message; only a `GraphClientError` passes as it is. */
function throwThrough(error: unknown): never {
  const carrier = new GraphClientError('see customError');
  carrier.customError = error;
  throw carrier;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = parseJson(text);
  if (response.ok && text !== '' && body === undefined) throw malformed('JSON');
  return {
    status: response.status,
    body,
    header: (name) => response.headers.get(name) ?? undefined,
  };
}

/** `fetch failed` says nothing; its cause tells which host refused or which name is unknown. */
function asPlain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('Graph cannot be reached', { cause: error });
  if (error.name !== 'TypeError') return error;
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return new Error(`Graph cannot be reached: ${why}`, { cause: error });
}
