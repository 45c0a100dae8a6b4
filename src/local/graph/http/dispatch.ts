import type { LimitName } from '../tenant.ts';
import { failure, type GraphReply, type GraphRequest } from './exchange.ts';
import { findRoute, type Route } from './routes.ts';
import { unitsOf } from './throttle.ts';

/** Answers one request or one part of a batch: faults, throttling, then its route. */
export async function dispatch(request: GraphRequest): Promise<GraphReply> {
  const { tenant } = request;
  tenant.stats.requests += 1;
  if (tenant.faults.forbidden) return insufficient();
  const route = findRoute(request);
  if (!route) {
    return failure(
      404,
      'BadRequest',
      `Resource not found for the segment '${request.segments.at(-1) ?? ''}'.`,
    );
  }
  const refusal = drawFault(request) ?? refuseWriter(request, route) ?? throttle(request, route);
  if (refusal) return refusal;
  const metered = meter(request, route);
  if (tenant.pageDelayMs > 0 && route.isPaged) await tenant.clock.sleep(tenant.pageDelayMs);
  const reply = await route.handle(request);
  return { ...reply, headers: { ...metered, ...reply.headers } };
}

function drawFault({ tenant }: GraphRequest): GraphReply | undefined {
  if (tenant.chance('throttleRate')) return tooMany(tenant.stats, 1_000);
  if (tenant.chance('unavailableRate')) {
    return failure(503, 'serviceUnavailable', 'The service is temporarily unavailable.', {
      'Retry-After': '1',
    });
  }
  if (tenant.chance('errorRate')) {
    return failure(500, 'InternalServerError', 'The service had a problem.');
  }
  return undefined;
}

/** Reading is granted to every application here, changing people only to those that are named. */
function refuseWriter({ tenant, appId }: GraphRequest, { isWrite }: Route): GraphReply | undefined {
  return isWrite && !tenant.writingApps.includes(appId) ? insufficient() : undefined;
}

const insufficient = (): GraphReply =>
  failure(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

function throttle(request: GraphRequest, route: Route): GraphReply | undefined {
  const { tenant, appId } = request;
  const limit: LimitName = route.limit ?? 'units';
  const cost = limit === 'units' ? unitsOf(route.units, request.query) : 1;
  const { waitMs } = tenant.bucket(appId, limit).take(cost);
  if (waitMs > 0) {
    return tooMany(tenant.stats, waitMs, {
      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${appId}/${tenant.id}`,
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
    });
  }
  if (limit === 'units') tenant.stats.resourceUnits += cost;
  return route.isWrite ? throttleWrite(request) : undefined;
}

function throttleWrite({ tenant, appId }: GraphRequest): GraphReply | undefined {
  const { waitMs } = tenant.bucket(appId, 'directoryWrites').take(1);
  if (waitMs === 0) {
    tenant.stats.writes += 1;
    return undefined;
  }
  return tooMany(tenant.stats, waitMs, {
    'x-ms-throttle-scope': `Tenant_Application/Write/${appId}/${tenant.id}`,
    'x-ms-throttle-information': 'WriteLimitExceeded',
  });
}

function tooMany(
  stats: { throttled: number },
  waitMs: number,
  headers: Record<string, string> = {},
): GraphReply {
  stats.throttled += 1;
  const retryAfter = String(Math.max(1, Math.ceil(waitMs / 1_000)));
  return failure(429, 'TooManyRequests', 'Please retry again later.', {
    'Retry-After': retryAfter,
    ...headers,
  });
}

function meter({ tenant, appId, query }: GraphRequest, route: Route): Record<string, string> {
  if (route.limit) return {};
  const share = tenant.bucket(appId, 'units').usedShare();
  return {
    'x-ms-resource-unit': String(unitsOf(route.units, query)),
    ...(share >= 0.8 && { 'x-ms-throttle-limit-percentage': share.toFixed(2) }),
  };
}
