import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Webhook {
  url: string;
  /** Bodies of notification POSTs, as text. */
  posts: string[];
  /** Validation tokens echoed. */
  validations: string[];
  /** Status for the next notifications; 0 never answers. */
  status: number;
  /** What it answers to a validation, in place of the token. */
  echo: { status?: number; type?: string; body?: string; silent?: boolean };
  items(): Record<string, unknown>[];
  close(): Promise<void>;
}

/** An endpoint as Graph wants it, which can also misbehave. */
export async function openWebhook(): Promise<Webhook> {
  const server = createServer((request, response) => {
    const token = new URL(request.url ?? '/', 'http://local').searchParams.get('validationToken');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (token !== null) {
        webhook.validations.push(token);
        if (webhook.echo.silent) return;
        response.writeHead(webhook.echo.status ?? 200, {
          'content-type': webhook.echo.type ?? 'text/plain',
        });
        response.end(webhook.echo.body ?? token);
        return;
      }
      webhook.posts.push(body);
      if (webhook.status !== 0) response.writeHead(webhook.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const webhook: Webhook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notifications`,
    posts: [],
    validations: [],
    status: 202,
    echo: {},
    items: () =>
      webhook.posts.flatMap(
        (post) => (JSON.parse(post) as { value: Record<string, unknown>[] }).value,
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return webhook;
}
