import type { Socket } from 'node:net';
import type { Doc } from './engine/document.ts';
import { errorReply } from './errors.ts';
import type { Faults } from './faults.ts';
import { decodeRequest, encodeReply, Frames, type Request } from './wire.ts';

interface ConnectionDeps {
  dispatch: (command: Doc) => Doc;
  faults: Faults;
  /** Resolves once what the command changed is written down. */
  flush: () => Promise<void>;
}

/** Serves one socket: its commands run one after the other, each answered before the next is run. */
export function serveConnection(socket: Socket, deps: ConnectionDeps): void {
  const frames = new Frames();
  let turn = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    try {
      for (const frame of frames.push(piece)) {
        turn = turn
          .then(() => answer(socket, decodeRequest(frame), deps))
          .catch(() => {
            socket.destroy();
          });
      }
    } catch {
      socket.destroy();
    }
  });
}

async function answer(socket: Socket, request: Request, deps: ConnectionDeps): Promise<void> {
  if (socket.destroyed) return;
  const { reply, cut } = run(request.command, deps);
  await deps.flush();
  if (cut) socket.destroy();
  if (request.silent || cut) return;
  if (request.exhaustAllowed && isAwaitedHello(request.command)) {
    streamHello(socket, request, deps);
    return;
  }
  socket.write(encodeReply(request, reply).bytes);
}

function run(command: Doc, { dispatch, faults }: ConnectionDeps): { reply: Doc; cut: boolean } {
  try {
    const failure = faults.take(Object.keys(command)[0] ?? '');
    const cut = failure?.closeConnection;
    return { reply: cut === 'before' ? {} : dispatch(command), cut: cut !== undefined };
  } catch (error) {
    return { reply: errorReply(error), cut: false };
  }
}

const isAwaitedHello = (command: Doc): boolean =>
  command['topologyVersion'] !== undefined && typeof command['maxAwaitTimeMS'] === 'number';

/** One reply each time the wait is over, since nothing ever changes; each refers to the one before. */
function streamHello(socket: Socket, request: Request, { dispatch }: ConnectionDeps): void {
  let responseTo = request.requestId;
  const timer = setInterval(() => {
    if (socket.isPaused()) return;
    const reply = encodeReply(request, dispatch(request.command), {
      responseTo,
      moreToCome: true,
    });
    responseTo = reply.requestId;
    socket.write(reply.bytes);
  }, Number(request.command['maxAwaitTimeMS']));
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}
