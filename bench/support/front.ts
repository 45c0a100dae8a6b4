import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** HTTP requests by kind; a batch counts once. Requests for tokens are not Graph's. */
export interface Requests {
  all: number;
  batch: number;
  delta: number;
  list: number;
}

/** Passes requests on to `port`, each `delayMs` later, and counts them. */
export async function openFront(port: number, delayMs: number) {
  const counts: Requests = { all: 0, batch: 0, delta: 0, list: 0 };
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    count(counts, incoming.url ?? '');
    const { method, headers, url: path } = incoming;
    const pass = () => {
      const onward = request(
        { host: '127.0.0.1', port, agent, method, headers, path },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    };
    if (delayMs > 0) setTimeout(pass, delayMs);
    else pass();
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1.0`,
    counts: (): Requests => ({ ...counts }),
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

function count(counts: Requests, url: string): void {
  if (!url.startsWith('/v1.0/')) return;
  counts.all += 1;
  if (url.startsWith('/v1.0/$batch')) counts.batch += 1;
  else if (url.includes('/delta')) counts.delta += 1;
  else counts.list += 1;
}
