import express, {
  Router,
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { Call, Recorder } from '../connections/recorder.ts';
import { badRequest, errorBody, ScimError } from '../errors.ts';
import { groupType } from '../schema/group.ts';
import { refusePoison } from '../schema/poison.ts';
import { userType } from '../schema/user.ts';
import type { ScimStore } from '../store.ts';
import type { StoredConnection } from '../types.ts';
import { authenticate, unavailable, type Caller } from './authenticate.ts';
import type { Exchange, Reply } from './exchange.ts';
import { createRate } from './rate.ts';
import { createRefusals } from './refusals.ts';
import { route } from './route.ts';

interface ScimDeps {
  store: ScimStore;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  /** Where this server is reached, without a slash at its end. */
  publicUrl: () => string;
  /** Told after each request that changed something. */
  onChange: () => void;
  /** Told of each answer, and how long it took. */
  onAnswered?: (answer: { method: string; status: number; ms: number }) => void;
  /** A filter that no index answers is refused where more resources than this would be read. */
  maxScanned?: number;
}

const defaultMaxScanned = 10_000;

/** The SCIM 2.0 server under `/scim/v2/{connectionId}` (RFC 7643, 7644, 9865). */
export function createScimApp(deps: ScimDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // Express's own ETag would differ from the resource's version.
  app.set('etag', false);
  app.set('query parser', 'simple');
  const limits = { rate: createRate(deps.clock), refusals: createRefusals(deps.clock) };
  const router = Router({ mergeParams: true });
  router.use(noteAnswers(deps));
  router.use(express.json({ limit: '1mb', strict: false, type: isJson }));
  router.use(async (request, response) => {
    await answer(deps, limits, request, response);
  });
  router.use(answerUnreadable(deps.log));
  app.use('/scim/v2/:connectionId', router);
  return app;
}

/** Those to what cannot be read or is refused, too. */
const noteAnswers =
  ({ clock, onAnswered }: ScimDeps): RequestHandler =>
  ({ method }, response, next) => {
    const beganMs = clock.now();
    response.once('finish', () => {
      onAnswered?.({ method, status: response.statusCode, ms: clock.now() - beganMs });
    });
    next();
  };

const isJson = ({ headers }: { headers: { 'content-type'?: string | undefined } }): boolean =>
  /^application\/(scim\+)?json\b/i.test(headers['content-type'] ?? '');

export const tenantUrl = (publicUrl: string, connectionId: string): string =>
  `${publicUrl}/scim/v2/${connectionId}`;

interface Limits {
  rate: ReturnType<typeof createRate>;
  refusals: ReturnType<typeof createRefusals>;
}

async function answer(
  deps: ScimDeps,
  limits: Limits,
  request: Request,
  response: Response,
): Promise<void> {
  const connectionId = String(request.params['connectionId']);
  let caller: Caller | undefined;
  try {
    caller = await authenticate(request.headers.authorization, connectionId, {
      findBySecret: (keyId) => deps.store.connections.findBySecret(keyId),
      now: new Date(deps.clock.now()),
    });
    const late = await limits.rate.enter(connectionId);
    if (late !== 'in') throw tooMany(late);
    const exchange = exchangeOf(request, caller.connection, deps.publicUrl());
    refusePoison(exchange.body);
    const { store, clock, maxScanned = defaultMaxScanned } = deps;
    send(response, await route({ store, now: clock.now(), maxScanned }, exchange));
    if (isWrite(request)) deps.onChange();
  } catch (error) {
    const address = request.socket.remoteAddress ?? '';
    const told = await inTime(error, limits, `${connectionId} ${address}`);
    send(response, refusal(told, deps.log));
  }
  if (caller || concernsConnection(response.statusCode)) {
    deps.recorder.note(callOf(request, response, { connectionId, caller }));
  }
}

/** A wrong secret, or a call while it is paused; what else a stranger does is none of its calls. */
const concernsConnection = (status: number) => status === 401 || status === 503;

/** A wrong secret is told later, the more often one was shown. */
async function inTime(error: unknown, { refusals }: Limits, key: string): Promise<unknown> {
  if (!(error instanceof ScimError) || error.status !== 401) return error;
  return (await refusals.wait(key)) ? error : tooMany(refusedForMs);
}

const refusedForMs = 60_000;

const tooMany = (ms: number) =>
  new ScimError(429, 'Too many requests at once.', {
    headers: { 'retry-after': String(Math.ceil(ms / 1_000)) },
  });

function exchangeOf(request: Request, connection: StoredConnection, publicUrl: string): Exchange {
  const single = (values: object) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === 'string' ? value : undefined,
      ]),
    );
  return {
    connection,
    method: request.method,
    segments: segmentsOf(request.path),
    query: single(request.query),
    headers: single(request.headers),
    body: request.body as unknown,
    baseUrl: tenantUrl(publicUrl, connection._id),
    types: { User: userType(connection.attributes), Group: groupType },
  };
}

function segmentsOf(path: string): string[] {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw badRequest('invalidSyntax', 'This path cannot be read.');
  }
}

function send(response: Response, { status, body, headers = {} }: Reply): void {
  response.status(status).set({ 'cache-control': 'no-store', ...headers });
  response.set('content-type', 'application/scim+json; charset=utf-8');
  if (body === undefined) response.end();
  else response.end(JSON.stringify(body));
}

function refusal(error: unknown, log: Log): Reply {
  const known = error instanceof ScimError ? error : undefined;
  if (!known) log.error({ err: error }, 'SCIM request failed');
  const refused = known ?? unavailable('This request failed here; it is safe to repeat.', 30);
  return { status: refused.status, body: errorBody(refused), headers: { ...refused.headers } };
}

/** What cannot be read fails before it is known who calls. */
const answerUnreadable =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status =
      typeof error === 'object' && error !== null && 'status' in error ? error.status : 500;
    const refused =
      status === 413
        ? new ScimError(413, 'A body may have 1 MB.')
        : status === 400 || status === 415
          ? badRequest('invalidSyntax', 'The body is no JSON.')
          : error;
    send(response, refusal(refused, log));
  };

const isWrite = ({ method }: Request) => method !== 'GET';

function callOf(
  request: Request,
  response: Response,
  { connectionId, caller }: { connectionId: string; caller: Caller | undefined },
): Call {
  const [first = '', id] = request.path.toLowerCase().split('/').filter(Boolean);
  const isGroup = first === 'groups';
  const wroteMembers = isGroup && request.method === 'PATCH';
  const wrote = wroteMembers ? 'members' : isGroup ? 'groups' : 'users';
  return {
    connectionId,
    ...(caller && { keyId: caller.keyId }),
    wrote: isWrite(request) && id !== '.search' ? wrote : undefined,
    isTest: request.method === 'GET' && first === 'users' && id === undefined,
    status: response.statusCode,
  };
}
