import {
  startLocalGraph,
  type LocalGraph,
  type LocalGraphOptions,
} from '../../../../src/local/graph/server.ts';

/** Any JSON object of a reply; a test that expects another shape fails on it. */
export type Json = Record<string, unknown> & { value: Record<string, unknown>[] };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Json;
}

export interface Client {
  graph: LocalGraph;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Follows `@odata.nextLink` and returns all items and the last page. */
  all(path: string): Promise<{ items: Record<string, unknown>[]; pages: number; last: Json }>;
}

/** A small local Graph and an application that has a token for it. */
export async function openClient(options: LocalGraphOptions = {}): Promise<Client> {
  const graph = await startLocalGraph({ users: 30, groups: 22, ...options });
  const authorization = `Bearer ${await fetchToken(graph, graph.tenantId)}`;

  const ask: Client['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `${graph.url}${path}`, {
      method,
      headers: { authorization, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  const get: Client['get'] = (path, headers) => ask('GET', path, undefined, headers);

  return {
    graph,
    ask,
    get,
    async all(path) {
      const items: Record<string, unknown>[] = [];
      let pages = 0;
      for (let next: unknown = path; ; pages += 1) {
        const { body } = await get(String(next));
        items.push(...body.value);
        next = body['@odata.nextLink'];
        if (next === undefined) return { items, pages: pages + 1, last: body };
      }
    },
  };
}

export async function fetchToken(
  { port }: LocalGraph,
  tenantId: string,
  appId = 'app',
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: appId,
      client_secret: 'any',
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { value: [] };
  }
}
