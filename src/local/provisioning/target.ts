/** The SCIM server that is provisioned, as the tenant's administrator entered it. */
export interface Target {
  get(path: string): Promise<Found>;
  find(endpoint: string, filter: string): Promise<Found>;
  post(path: string, body: object): Promise<{ id: string }>;
  patch(path: string, operations: object[]): Promise<void>;
  remove(path: string): Promise<void>;
  readonly requests: number;
}
interface Found {
  totalResults?: number;
  Resources?: { id: string }[];
}

const tries = 5;

/** `secret` is asked for with each request, so that it can be exchanged in the middle. */
export function createTarget(tenantUrl: string, secret: () => string): Target {
  let requests = 0;
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      requests += 1;
      const answer = await fetch(`${tenantUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${secret()}`,
          ...(body && { 'content-type': 'application/scim+json; charset=utf-8' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.ok) return text === '' ? undefined : JSON.parse(text);
      if (answer.status !== 503 || attempt === tries) {
        throw new Error(`${method} ${path} is answered ${answer.status}: ${text.slice(0, 300)}`);
      }
      const waitS = Math.min(2, Number(answer.headers.get('retry-after') ?? 1));
      await new Promise((resolve) => setTimeout(resolve, waitS * 1_000));
    }
  };
  const get = (path: string) => call('GET', path) as Promise<Found>;
  return {
    get requests() {
      return requests;
    },
    get,
    find: (endpoint, filter) =>
      get(`${endpoint}${endpoint.includes('?') ? '&' : '?'}filter=${encodeURIComponent(filter)}`),
    post: (path, body) => call('POST', path, body) as Promise<{ id: string }>,
    async patch(path, Operations) {
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
      await call('PATCH', path, { schemas, Operations });
    },
    async remove(path) {
      await call('DELETE', path);
    },
  };
}
