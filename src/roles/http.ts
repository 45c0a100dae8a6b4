import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import type { Log } from '../ops/log.ts';

export interface HttpServer {
  port: number;
  /** From now on serves these instead. */
  serve(mounts: readonly Router[]): void;
  /** From now on each connection ends with its answer, so that its owner opens the next one elsewhere. */
  drain(): void;
  /** Takes no new connection and resolves when those under way have ended. */
  close(): Promise<void>;
}

const endingMs = 50;

/** Serves `mounts` in their order on one port, by the door that is open already or a new one; 0 takes a free port. */
export async function listen(
  mounts: readonly Router[],
  port: number,
  log: Log,
  door?: HttpServer,
): Promise<HttpServer> {
  if (door) {
    door.serve(mounts);
    return door;
  }
  let app = appOf(mounts, log);
  let draining = false;
  const server = createServer((request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    app(request, response);
  });
  // Longer than proxies keep theirs: who closes first must not be us, or a request meets a closed end.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, port)));
    server.listen(port, resolve);
  });
  const drain = () => {
    draining = true;
  };
  return {
    port: (server.address() as AddressInfo).port,
    serve: (others) => {
      app = appOf(others, log);
    },
    drain,
    close: () =>
      new Promise((resolve) => {
        drain();
        // A connection whose answer was under way is idle only after it.
        const ending = setInterval(() => server.closeIdleConnections(), endingMs);
        server.close(() => {
          clearInterval(ending);
          resolve();
        });
      }),
  };
}

function appOf(mounts: readonly Router[], log: Log): Express {
  const app = express();
  app.disable('x-powered-by');
  for (const mount of mounts) app.use(mount);
  app.use(answerErrors(log));
  return app;
}

const answerErrors =
  (log: Log): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    log.error({ err: error as unknown, path: request.path }, 'request failed');
    response.status(500).json({ error: 'This request failed; the log says why.' });
  };

function explained(error: Error, port: number): Error {
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new Error(`Port ${port} is in use: stop what listens there, or set PORT to another one.`, {
    cause: error,
  });
}
