import { addressOf } from './running.ts';

/** Asks the running mirror's `/admin`; throws what it says where it refuses. */
export async function askAdmin(
  env: NodeJS.ProcessEnv,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { url, headers } = await addressOf(env);
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
