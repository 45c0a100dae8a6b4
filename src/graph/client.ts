import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../ops/clock.ts';
import { ConfigError } from '../ops/errors.ts';
import type { Log } from '../ops/log.ts';
import { noTracer, type Tracer } from '../ops/trace.ts';
import { isOk, type Answer } from './answer.ts';
import { estimateUnits, observe } from './cost.ts';
import { withDeadline } from './deadline.ts';
import { errorOf } from './errors.ts';
import { createExchange, type Exchange, type Sent } from './exchange.ts';
import type { Governor } from './governor.ts';
import { isLoopback, relativeLink, rootOf } from './link.ts';
import { createTokens } from './tokens.ts';
import type { Lane } from './types.ts';

/** `path` may be a link as Graph gave it. */
export interface GraphRequest extends Sent {
  lane: Lane;
  /** Resource units it will cost, where its path does not tell. */
  units?: number;
  signal?: AbortSignal | undefined;
}

export interface GraphClient {
  /** Any answer, whatever its status. Throws where there is none: no token, no budget, no network, no time. */
  send(request: GraphRequest): Promise<Answer>;
  /** `send` and `bodyOf` in one. */
  fetch(request: GraphRequest): Promise<unknown>;
  /** The body of a 2xx answer; any other is thrown as the error it means. */
  bodyOf(answer: Answer): unknown;
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
  tracer?: Tracer | undefined;
  /** 30 s each, unless it is said. */
  timeouts?: { requestMs?: number; tokenMs?: number } | undefined;
}

/** A person may be asked for by address, and logs and traces hold ids only. */
const address = /[^/]*%40[^/]*/g;

const priorities: Record<Lane, string> = {
  notification: 'high',
  onDemand: 'normal',
  sweep: 'low',
  audit: 'low',
};

/** Sends requests of one tenant within its budget, and with a token that Graph takes. */
export function createClient(deps: ClientDeps): GraphClient {
  const root = safeRoot(deps.baseUrl);
  const scope = `${new URL(root).origin}/.default`;
  const tokens = createTokens({ ...deps, scope, timeoutMs: deps.timeouts?.tokenMs ?? 30_000 });
  const exchange = createExchange(root, tokens.get);
  const relative = (link: string) => relativeLink(link, root);
  const meaning = (answer: Answer) => errorOf(answer, deps.clock.now());

  const send = async (given: GraphRequest): Promise<Answer> => {
    const request = { ...given, path: relative(given.path) };
    const answer = await sendTraced(deps, exchange, request);
    if (answer.status === 401 || answer.status === 403) tokens.refused();
    // A token may have ended, or been revoked, while it was in our hands.
    return answer.status === 401 ? sendTraced(deps, exchange, request) : answer;
  };
  const bodyOf = (answer: Answer): unknown => {
    if (!isOk(answer)) throw meaning(answer);
    return answer.body;
  };
  const fetch = async (request: GraphRequest) => bodyOf(await send(request));
  return { send, fetch, bodyOf, errorOf: meaning, relative };
}

function safeRoot(baseUrl: string): string {
  if (!baseUrl.startsWith('https://') && !isLoopback(baseUrl)) {
    throw new ConfigError([`GRAPH_BASE_URL ${baseUrl} would send tokens in the clear: use https`]);
  }
  return rootOf(baseUrl);
}

function sendTraced(deps: ClientDeps, exchange: Exchange, request: GraphRequest): Promise<Answer> {
  const { tracer = noTracer, tenantId } = deps;
  const { lane, method = 'get' } = request;
  const path = shownPath(request.path);
  const http = { 'http.request.method': method.toUpperCase(), 'url.path': path };
  const attributes = { tenantId, lane, ...http };
  return tracer.step({ name: 'graph request', kind: 'client', attributes }, async (note) => {
    const answer = await sendOnce(deps, exchange, request);
    note({ 'http.response.status_code': answer.status });
    return answer;
  });
}

const shownPath = (path: string) => (path.split('?')[0] ?? path).replaceAll(address, '…');

async function sendOnce(
  { tenantId, governor, log, clock, timeouts }: ClientDeps,
  exchange: Exchange,
  { lane, units, signal, ...request }: GraphRequest,
): Promise<Answer> {
  const headers = { 'x-ms-throttle-priority': priorities[lane], ...request.headers };
  const permit = await governor.acquire(lane, units ?? estimateUnits(request.path), signal);
  const startedAt = clock.now();
  let answer: Answer | undefined;
  try {
    answer = await withDeadline(timeouts?.requestMs ?? 30_000, signal, 'Graph', (limit) =>
      exchange({ ...request, headers }, limit),
    );
    return answer;
  } finally {
    permit.settle(answer && observe(answer, clock.now()));
    const path = shownPath(request.path);
    const durationMs = clock.now() - startedAt;
    log.debug({ tenantId, lane, path, status: answer?.status, durationMs }, 'graph request');
  }
}
