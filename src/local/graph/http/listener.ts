import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../ops/clock.ts';
import type { Tenant } from '../tenant.ts';
import { answerConsent } from './admin-consent.ts';
import { answerBatch } from './batch.ts';
import { parseJson, readBody } from './body.ts';
import { answerControl, type FoundTenant } from './control.ts';
import { dispatch } from './dispatch.ts';
import { failure, type GraphReply, type GraphRequest } from './exchange.ts';
import { sendReply } from './send-reply.ts';
import { readTarget } from './target.ts';
import { issueToken } from './token-endpoint.ts';
import { createTokens, type Caller } from './tokens.ts';

interface ListenerDeps {
  tenants: ReadonlyMap<string, Tenant>;
  /** The caller of requests without a token; undefined where a token is required. */
  anonymous: Caller | undefined;
  foundTenant: FoundTenant;
  clock: Clock;
}

type Asked = Pick<GraphRequest, 'segments' | 'query' | 'body'>;

/** Answers every request of the server: tokens, Graph, and the control surface. */
export function createListener({ tenants, anonymous, foundTenant, clock }: ListenerDeps) {
  const tokens = createTokens(clock);

  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await readBody(message);
    sendReply(response, await answer(message, text).catch(toFailure));
  };

  async function answer(message: IncomingMessage, text: string | undefined): Promise<GraphReply> {
    if (text === undefined) return failure(413, 'RequestEntityTooLarge', 'The body is over 4 MB.');
    const { segments, query } = readTarget(message.url ?? '/');
    const [first = '', ...rest] = segments;
    if (first === 'v1.0') {
      return answerGraph(message, { segments: rest, query, body: parseJson(text) });
    }
    if (first === '__local') {
      // A page in a browser on this machine must not change the directory.
      if (message.headers.origin) return failure(403, 'Forbidden', 'Not for browsers.');
      return answerControl(tenants, foundTenant, {
        method: message.method ?? '',
        path: rest,
        query,
        body: parseJson(text),
      });
    }
    if (rest.join('/') === 'oauth2/v2.0/token') return issueToken(tenants, tokens, first, text);
    if (rest.join('/') === 'v2.0/adminconsent') return answerConsent(tenants, first, query);
    return failure(404, 'BadRequest', 'Only version v1.0 is served here.');
  }

  async function answerGraph(message: IncomingMessage, asked: Asked): Promise<GraphReply> {
    const caller = tokens.callerOf(message.headers.authorization) ?? anonymous;
    const tenant = tenants.get(caller?.tenantId ?? '');
    if (!caller || !tenant) return tokenRefused('Access token is missing, unknown or expired.');
    if (tenant.chance('expiredTokenRate')) {
      return tokenRefused('Lifetime validation failed, the token is expired.');
    }
    if (tenant.chance('silenceRate')) {
      const hungUp = new AbortController();
      message.socket.once('close', () => hungUp.abort());
      await tenant.clock.sleep(tenant.faults.silenceMs, hungUp.signal);
      return failure(504, 'GatewayTimeout', 'The service did not answer in time.');
    }
    const isCutOff = tenant.chance('malformedRate');
    const reply = await route(toRequest(message, tenant, caller.appId, asked));
    return isCutOff ? { ...reply, isCutOff } : reply;
  }
}

async function route(request: GraphRequest): Promise<GraphReply> {
  const isBatch = request.method === 'POST' && request.segments.join('/') === '$batch';
  return isBatch ? answerBatch(request) : dispatch(request);
}

function toRequest(
  message: IncomingMessage,
  tenant: Tenant,
  appId: string,
  asked: Asked,
): GraphRequest {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, value?.toString()]),
  );
  const baseUrl = `http://127.0.0.1:${message.socket.localPort ?? 0}/v1.0`;
  return { tenant, appId, method: message.method ?? 'GET', headers, baseUrl, ...asked };
}

function tokenRefused(message: string): GraphReply {
  return failure(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': 'Bearer' });
}

function toFailure(error: unknown): GraphReply {
  return failure(500, 'InternalServerError', String(error));
}
