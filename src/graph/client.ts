import type { TokenCredential } from '@azure/identity';
import {
  Client,
  GraphClientError,
  HTTPMessageHandler,
  ResponseType,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client';
import type { Clock } from '../ops/clock.ts';
import { ConfigError } from '../ops/errors.ts';
import type { Log } from '../ops/log.ts';
import { isOk, parseJson, type Answer } from './answer.ts';
import { estimateUnits, observe } from './cost.ts';
import { withDeadline } from './deadline.ts';
import { errorOf, malformed } from './errors.ts';
import type { Governor } from './governor.ts';
import { isLoopback, relativeLink, rootOf } from './link.ts';
import { createTokens } from './tokens.ts';
import type { Lane } from './types.ts';

export interface GraphRequest {
  method?: 'get' | 'post' | 'patch' | 'delete';
  /** Path and query below the version, or a link as Graph gave it. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  lane: Lane;
  /** Resource units it will cost, where its path does not tell. */
  units?: number;
  signal?: AbortSignal | undefined;
}

export interface GraphClient {
  /** Any answer, whatever its status. Throws where there is none: no token, no budget, no network, no time. */
  send(request: GraphRequest): Promise<Answer>;
  /** The body of a 2xx answer; any other is thrown as the error it means. */
  fetch(request: GraphRequest): Promise<unknown>;
  /** The error that an answer means. */
  errorOf(answer: Answer): Error;
  /** Reduces a link to path and query below the version. */
  relative(link: string): string;
}

export interface ClientDeps {
  tenantId: string;
  baseUrl: string;
  credential: TokenCredential;
  governor: Governor;
  log: Log;
  clock: Clock;
  timeouts?: { requestMs?: number; tokenMs?: number } | undefined;
}

const priorities: Record<Lane, string> = {
  notification: 'high',
  onDemand: 'normal',
  sweep: 'low',
  audit: 'low',
};

/** Sends requests of one tenant through the SDK, within the tenant's budget. */
export function createClient(deps: ClientDeps): GraphClient {
  const { tenantId, governor, log, clock, timeouts } = deps;
  const root = safeRoot(deps.baseUrl);
  const scope = `${new URL(root).origin}/.default`;
  const tokens = createTokens({ ...deps, scope, timeoutMs: timeouts?.tokenMs ?? 30_000 });
  const sdk = Client.initWithMiddleware({
    baseUrl: new URL(root).origin,
    defaultVersion: 'v1.0',
    middleware: tokenHandler(root, tokens.get, new HTTPMessageHandler()),
  });

  const send = async (request: GraphRequest): Promise<Answer> => {
    const path = relativeLink(request.path, root);
    const { lane, signal, units = estimateUnits(path) } = request;
    const permit = await governor.acquire(lane, units, signal);
    const startedAt = clock.now();
    let answer: Answer | undefined;
    try {
      answer = await withDeadline(timeouts?.requestMs ?? 30_000, signal, 'Graph', (limit) =>
        exchange(sdk, { ...request, path }, limit),
      );
      if (answer.status === 401 || answer.status === 403) tokens.refused();
      return answer;
    } finally {
      permit.settle(answer && observe(answer, clock.now()));
      const durationMs = clock.now() - startedAt;
      log.debug(
        { tenantId, lane, path: path.split('?')[0], status: answer?.status, durationMs },
        'graph request',
      );
    }
  };
  const meaning = (answer: Answer) => errorOf(answer, clock.now());
  const fetch = async (request: GraphRequest): Promise<unknown> => {
    const answer = await send(request);
    if (!isOk(answer)) throw meaning(answer);
    return answer.body;
  };
  return { send, fetch, errorOf: meaning, relative: (link) => relativeLink(link, root) };
}

function safeRoot(baseUrl: string): string {
  if (!baseUrl.startsWith('https://') && !isLoopback(baseUrl)) {
    throw new ConfigError([`GRAPH_BASE_URL ${baseUrl} would send tokens in the clear: use https`]);
  }
  return rootOf(baseUrl);
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
  return { execute: (context) => execute(context).catch((error: unknown) => throwThrough(error)) };
}

/** The SDK replaces any error by a copy of its message; only a `GraphClientError` passes as it is. */
function throwThrough(error: unknown): never {
  const carrier = new GraphClientError('see customError');
  carrier.customError = error;
  throw carrier;
}

async function exchange(sdk: Client, request: GraphRequest, signal: AbortSignal): Promise<Answer> {
  const { method = 'get', path, body, lane, headers } = request;
  const call = sdk
    .api(path)
    .responseType(ResponseType.RAW)
    .headers({ 'x-ms-throttle-priority': priorities[lane], ...headers })
    .options({ signal, redirect: 'manual' });
  try {
    const response = (await (method === 'get' || method === 'delete'
      ? call[method]()
      : call[method](body))) as Response;
    return await answerOf(response);
  } catch (error) {
    throw asPlain(error instanceof GraphClientError ? error.customError : error);
  }
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
