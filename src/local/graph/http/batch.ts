import { z } from 'zod';
import { dispatch } from './dispatch.ts';
import { badRequest, failure, ok, type GraphReply, type GraphRequest } from './exchange.ts';
import { readTarget } from './target.ts';

const MOST_PARTS = 20;

const batchSchema = z.object({
  requests: z.array(
    z.object({
      id: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  ),
});
type Part = z.infer<typeof batchSchema>['requests'][number];

/** `POST /$batch`: each part is judged alone; answers come in no particular order. */
export async function answerBatch(request: GraphRequest): Promise<GraphReply> {
  const parsed = batchSchema.safeParse(request.body);
  if (!parsed.success) return badRequest('Invalid batch payload format.', 'BadRequest');
  const parts = parsed.data.requests;
  if (parts.length > MOST_PARTS) {
    return badRequest(
      `Number of batch request steps exceeds the maximum value of ${MOST_PARTS}.`,
      'BadRequest',
    );
  }
  if (new Set(parts.map(({ id }) => id)).size < parts.length) {
    return badRequest('Every request id in a batch must be unique.', 'BadRequest');
  }
  request.tenant.stats.batches += 1;
  const responses = await Promise.all(parts.map((part) => answerPart(request, part)));
  return ok({ responses: request.tenant.inAnyOrder(responses) });
}

async function answerPart(request: GraphRequest, part: Part): Promise<object> {
  const { status, headers, body } = await dispatchPart(request, part);
  const type = body ? { 'Content-Type': 'application/json' } : {};
  return {
    id: part.id,
    status,
    headers: { 'Cache-Control': 'no-cache', ...type, ...headers },
    ...(body && { body }),
  };
}

async function dispatchPart(request: GraphRequest, part: Part): Promise<GraphReply> {
  if (request.tenant.chance('silenceRate')) {
    return failure(504, 'GatewayTimeout', 'The part did not answer in time.');
  }
  const headers = lowerCase(part.headers ?? {});
  return dispatch({
    ...request,
    ...readTarget(part.url),
    method: part.method.toUpperCase(),
    headers,
    body: part.body,
  });
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
