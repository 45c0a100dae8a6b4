import { createServer, type AddressInfo, type Server } from 'node:net';
import { createDispatcher } from './commands/dispatch.ts';
import { createHello } from './commands/server-state.ts';
import { serveConnection } from './connection.ts';
import { Cursors } from './cursors.ts';
import { Faults } from './faults.ts';
import { createGate, type Gate } from './gate.ts';
import { openStore } from './store/store.ts';
import { sweepExpired } from './ttl.ts';

export interface LocalMongo {
  /** A connection string for the unmodified driver. */
  uri: string;
  port: number;
  /** Cuts all connections, after what they changed is written down. */
  close(): Promise<void>;
  /** Faults to order, for tests and simulations. */
  inject: Pick<Faults, 'failNext' | 'insertBetween'> & Gate;
}

const sweepEveryMs = 1_000;
const now = (): Date => new Date();

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
  const faults = new Faults();
  const server = createServer();
  const address = (): string => `${host}:${portOf(server)}`;
  const context = { databases: store.databases, cursors: new Cursors(), faults, now };
  const dispatch = createDispatcher(context, createHello(address));
  const gate = createGate(server, (socket) =>
    serveConnection(socket, { dispatch, faults, flush: () => store.flush() }),
  );
  await listen(server, port, host).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const sweep = setInterval(() => sweepExpired(store.databases, now()), sweepEveryMs).unref();
  return {
    // On loopback a server is there at once or not at all.
    uri: `mongodb://${address()}/?directConnection=true&serverSelectionTimeoutMS=3000`,
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
