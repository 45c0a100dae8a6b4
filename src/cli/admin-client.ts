import type { ConnectionView } from '../scim/connections/view.ts';
import { addressOf } from './running.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Asks the running mirror's `/admin`; throws what it says where it refuses. */
export async function askAdmin(
  env: NodeJS.ProcessEnv,
  method: Method,
  path: string,
  body?: unknown,
): Promise<unknown> {
  return ask(await addressOf(env), method, path, body);
}

/** Makes or changes a connection of a mirror in this process. */
export const postAdmin = (url: string, path: string, body: unknown) =>
  ask({ url, headers: {} }, 'POST', path, body) as Promise<
    ConnectionView & { tenantUrl: string; secret: string }
  >;

async function ask(
  { url, headers }: { url: string; headers: Record<string, string> },
  method: Method,
  path: string,
  body: unknown,
): Promise<unknown> {
  const answer = await fetch(`${url}/admin${path}`, {
    method,
    headers: {
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${url}: start it with "npm start".`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(reasonIn(text) ?? `${url} answers ${answer.status}.`);
  return text === '' ? undefined : JSON.parse(text);
}

function reasonIn(text: string): string | undefined {
  try {
    const { error, effect = [] } = JSON.parse(text) as { error?: string; effect?: string[] };
    return error && [error, ...effect].join('\n');
  } catch {
    return undefined;
  }
}
