import type { Server, Socket } from 'node:net';

/** Takes a server away and gives it back. */
export interface Gate {
  /** `refuse` (the default): connections are cut, new ones too. `hang`: they stay and get no answer. */
  pause(how?: 'refuse' | 'hang'): void;
  resume(): void;
}

/** Hands the connections of a server to `serve`, as long as it lets them in. */
export function createGate(server: Server, serve: (socket: Socket) => void): Gate {
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
