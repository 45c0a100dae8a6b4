import { z } from 'zod';
import type { GraphClient, GraphRequest } from './client.ts';
import { codeAndMessage, malformed } from './errors.ts';
import type { Answer } from './answer.ts';
import { pageBody } from './page.ts';
import type { Graph, GraphSubscription } from './types.ts';

const subscription = z.object({
  id: z.string().min(1),
  resource: z.string(),
  changeType: z.string(),
  notificationUrl: z
    .string()
    .nullish()
    .transform((url) => url ?? ''),
  expirationDateTime: z.string(),
});
const anyId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

type Subscriptions = Pick<
  Graph,
  | 'createSubscription'
  | 'getSubscription'
  | 'renewSubscription'
  | 'deleteSubscription'
  | 'listSubscriptions'
>;

/** Graph counts these apart from resource units, and without them nothing else comes: they go first. */
export function createSubscriptions(client: GraphClient): Subscriptions {
  const send = (request: Omit<GraphRequest, 'lane'>) =>
    client.send({ lane: 'notification', ...request });
  const one = (answer: Answer): GraphSubscription => parse(client.bodyOf(answer));
  const unless404 = (answer: Answer) => (answer.status === 404 ? undefined : one(answer));

  return {
    createSubscription: async (body, signal) => {
      const answer = await send({ method: 'post', path: '/subscriptions', body, signal });
      if (answer.status !== 409) return one(answer);
      return { conflict: anyId.exec(codeAndMessage(answer).message)?.[0] };
    },
    getSubscription: async (id, signal) => unless404(await send({ path: pathOf(id), signal })),
    renewSubscription: async (id, expirationDateTime, signal) => {
      const body = { expirationDateTime };
      return unless404(await send({ method: 'patch', path: pathOf(id), body, signal }));
    },
    deleteSubscription: async (id, signal) => {
      const answer = await send({ method: 'delete', path: pathOf(id), signal });
      if (answer.status === 404) return false;
      client.bodyOf(answer);
      return true;
    },
    listSubscriptions: async (signal) => {
      const found: GraphSubscription[] = [];
      let path: string | undefined = '/subscriptions';
      while (path) {
        const page = pageBody.safeParse(client.bodyOf(await send({ path, signal })));
        if (!page.success) throw malformed('a page of subscriptions', page.error);
        found.push(...page.data.value.map(parse));
        path = page.data['@odata.nextLink'];
      }
      return found;
    },
  };
}

const pathOf = (id: string): string => `/subscriptions/${encodeURIComponent(id)}`;

function parse(body: unknown): GraphSubscription {
  const parsed = subscription.safeParse(body);
  if (!parsed.success) throw malformed('a subscription', parsed.error);
  return parsed.data;
}
