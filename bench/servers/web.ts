import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import type { Served } from '../support/child.ts';

interface Options {
  /**
   * `express` parses and keeps nothing, `node` does not even parse, `sample` reads one object per
   * notification, in turn, before it answers.
   */
  kind: 'express' | 'node' | 'sample';
  readMs?: number;
}

/** Servers that answer 202 and that the receiver is compared with. */
export async function open({ kind, readMs = 50 }: Options): Promise<Served> {
  const server = createServer(
    kind === 'node' ? bareNode : bareExpress(kind === 'sample' ? readMs : 0),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { ready: { url: `http://127.0.0.1:${port}` }, close: () => server.closeAllConnections() };
}

const bareNode: RequestListener = (request, response) => {
  request.resume().on('end', () => response.writeHead(202).end());
};

function bareExpress(readMs: number) {
  const app = express();
  app.use(express.json({ limit: '4mb' }));
  app.post('/notifications', async (request, response) => {
    const { value } = request.body as { value: unknown[] };
    if (readMs > 0) for (let read = 0; read < value.length; read += 1) await sleep(readMs);
    response.sendStatus(202);
  });
  return app;
}
