import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createDispatcher } from './commands/dispatch.ts';
import { createHello } from './commands/server-state.ts';
import { serveConnection } from './connection.ts';
import { Cursors } from './cursors.ts';
import { Faults, type Failure } from './faults.ts';
import { openStore } from './store/store.ts';
import { sweepExpired } from './ttl.ts';

export interface LocalMongo {
  /** A connection string for the unmodified driver. */
  uri: string;
  port: number;
  /** Cuts all connections, after what they changed is written down. */
  close(): Promise<void>;
  /** Faults to order, for tests and simulations. */
  inject: {
    failNext(command: string, failure: Failure): void;
    insertBetween(namespace: string, doc: Record<string, unknown>): void;
    /** `refuse`: connections are cut, new ones too. `hang`: they stay and get no answer. */
    pause(how?: 'refuse' | 'hang'): void;
    resume(): void;
  };
}

const sweepEveryMs = 1_000;

/**
 * MongoDB's wire protocol on loopback, without authentication. Documents live in memory; with
 * `dataDir` they survive the process (written before each reply, not synced to the disk).
 * Rejects where the port is taken or another process uses the folder.
 */
export async function startLocalMongo(
  options: { port?: number; dataDir?: string; host?: '127.0.0.1' } = {},
): Promise<LocalMongo> {
  const { port = 0, dataDir, host = '127.0.0.1' } = options;
  const store = await openStore(dataDir);
  const { databases } = store;
  const faults = new Faults();
  const server = createServer();
  const address = (): string => `${host}:${portOf(server)}`;
  const context = { databases, cursors: new Cursors(), faults, now: () => new Date() };
  const dispatch = createDispatcher(context, createHello(address));
  const gate = createGate(server, (socket) =>
    serveConnection(socket, { dispatch, faults, flush: () => store.flush() }),
  );
  try {
    await listen(server, port, host);
  } catch (error) {
    await store.close();
    throw error;
  }
  const sweep = setInterval(() => sweepExpired(databases, context.now()), sweepEveryMs).unref();
  return {
    uri: `mongodb://${address()}/?directConnection=true`,
    port: portOf(server),
    inject: {
      failNext: (command, failure) => faults.failNext(command, failure),
      insertBetween: (namespace, doc) => faults.insertBetween(namespace, doc),
      ...gate,
    },
    async close() {
      clearInterval(sweep);
      gate.pause('refuse');
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

/** Lets connections in, or keeps them out. */
function createGate(
  server: Server,
  serve: (socket: Socket) => void,
): Pick<LocalMongo['inject'], 'pause' | 'resume'> {
  const sockets = new Set<Socket>();
  let paused: 'refuse' | 'hang' | undefined;
  server.on('connection', (socket) => {
    if (paused === 'refuse') {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
    if (paused === 'hang') socket.pause();
  });
  return {
    pause(how = 'refuse') {
      paused = how;
      for (const socket of sockets) {
        if (how === 'refuse') socket.destroy();
        else socket.pause();
      }
    },
    resume() {
      paused = undefined;
      for (const socket of sockets) socket.resume();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
