import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../ops/clock.ts';
import type { Tenant } from '../tenant.ts';
import { answerBatch } from './batch.ts';
import { parseJson, readBody } from './body.ts';
import { answerControl } from './control.ts';
import { dispatch } from './dispatch.ts';
import { failure, type GraphReply, type GraphRequest } from './exchange.ts';
import { readTarget } from './target.ts';
import { createTokens, TOKEN_LIFE_S, type Caller, type Tokens } from './tokens.ts';

export interface ListenerDeps {
  tenants: ReadonlyMap<string, Tenant>;
  /** The caller of requests without a token; undefined where a token is required. */
  anonymous: Caller | undefined;
  clock: Clock;
}

/** Answers every request of the server: tokens, Graph, and the control surface. */
export function createListener({ tenants, anonymous, clock }: ListenerDeps) {
  const tokens = createTokens(clock);

  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await readBody(message);
    const { segments, query } = readTarget(message.url ?? '/');
    const [first, ...rest] = segments;
    if (text === undefined)
      send(response, failure(413, 'RequestEntityTooLarge', 'The body is longer than 4 MB.'));
    else if (first === '__local')
      send(
        response,
        answerControl(tenants, {
          method: message.method ?? '',
          path: rest,
          query,
          body: parseJson(text),
        }),
      );
    else if (segments.at(-1) === 'token' && first !== 'v1.0')
      send(response, issueToken(tenants, tokens, first ?? '', text));
    else if (first !== 'v1.0')
      send(response, failure(404, 'BadRequest', 'Only version v1.0 is served here.'));
    else
      await answerGraph(
        message,
        response,
        { segments: rest, query, body: parseJson(text) },
        tokens.callerOf(message.headers.authorization) ?? anonymous,
      );
  };

  async function answerGraph(
    message: IncomingMessage,
    response: ServerResponse,
    asked: Pick<GraphRequest, 'segments' | 'query' | 'body'>,
    caller: Caller | undefined,
  ): Promise<void> {
    const tenant = tenants.get(caller?.tenantId ?? '');
    if (!caller || !tenant) {
      send(response, tokenRefused('Access token is missing, unknown or expired.'));
      return;
    }
    if (tenant.chance('expiredTokenRate')) {
      send(response, tokenRefused('Lifetime validation failed, the token is expired.'));
      return;
    }
    if (tenant.chance('silenceRate')) {
      await tenant.clock.sleep(tenant.faults.silenceMs);
      send(response, failure(504, 'GatewayTimeout', 'The service did not answer in time.'));
      return;
    }
    const isCutOff = tenant.chance('malformedRate');
    send(response, await answer(toRequest(message, tenant, caller.appId, asked)), isCutOff);
  }
}

async function answer(request: GraphRequest): Promise<GraphReply> {
  const isBatch = request.method === 'POST' && request.segments.join('/') === '$batch';
  return isBatch ? answerBatch(request) : dispatch(request);
}

function toRequest(
  message: IncomingMessage,
  tenant: Tenant,
  appId: string,
  asked: Pick<GraphRequest, 'segments' | 'query' | 'body'>,
): GraphRequest {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]),
  );
  const baseUrl = `http://127.0.0.1:${message.socket.localPort ?? 0}/v1.0`;
  return { tenant, appId, method: message.method ?? 'GET', headers, baseUrl, ...asked };
}

/** `POST /{tenant}/oauth2/v2.0/token` with client credentials; any secret will do. */
function issueToken(
  tenants: ReadonlyMap<string, Tenant>,
  tokens: Tokens,
  tenantId: string,
  form: string,
): GraphReply {
  const tenant = tenants.get(tenantId);
  const appId = new URLSearchParams(form).get('client_id');
  if (!tenant)
    return oauthError(400, 'invalid_request', `AADSTS90002: Tenant '${tenantId}' not found.`);
  if (!appId)
    return oauthError(
      400,
      'invalid_request',
      "AADSTS900144: The request body must contain 'client_id'.",
    );
  if (tenant.faults.refusesTokens)
    return oauthError(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
  const token = { token_type: 'Bearer', expires_in: TOKEN_LIFE_S, ext_expires_in: TOKEN_LIFE_S };
  return { status: 200, body: { ...token, access_token: tokens.issue({ tenantId, appId }) } };
}

function oauthError(status: number, error: string, description: string): GraphReply {
  return { status, body: { error, error_description: description } };
}

function tokenRefused(message: string): GraphReply {
  return failure(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': 'Bearer' });
}

function send(
  response: ServerResponse,
  { status, headers, body }: GraphReply,
  isCutOff = false,
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
