import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** HTTP requests by kind; a batch counts once. Requests for tokens are not Graph's. */
export interface Requests {
  all: number;
  batch: number;
  delta: number;
  /** Pages of people or groups. */
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
          void passAnswer(answer, outgoing, `127.0.0.1:${port}`, headers.host ?? '');
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

/** Links in the answer lead to the door again. */
async function passAnswer(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  behind: string,
  door: string,
): Promise<void> {
  const body = await buffer(answer).catch(() => undefined);
  if (!body) return void outgoing.destroy();
  const shown = body.includes(behind)
    ? Buffer.from(body.toString().replaceAll(behind, door))
    : body;
  const headers = { ...answer.headers, 'content-length': String(shown.length) };
  delete headers['transfer-encoding'];
  outgoing.writeHead(answer.statusCode ?? 502, headers);
  outgoing.end(shown);
}

function count(counts: Requests, url: string): void {
  if (!url.startsWith('/v1.0/')) return;
  counts.all += 1;
  if (url.startsWith('/v1.0/$batch')) counts.batch += 1;
  else if (url.includes('/delta')) counts.delta += 1;
  else if (/^\/v1\.0\/(users|groups)\?/.test(url)) counts.list += 1;
}
