import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP port on loopback whose connections can be dropped and refused. */
export interface Listener {
  port: number;
  dropConnections(): void;
  /** Drops what is connected and whatever connects from now on. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. */
export async function listen(port: number, serve: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  let paused = false;
  const server = createServer((socket) => {
    if (paused) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    dropConnections,
    pause: () => {
      paused = true;
      dropConnections();
    },
    resume: () => {
      paused = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropConnections();
      }),
  };
}
