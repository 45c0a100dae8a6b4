import type net from 'node:net';

/**
 * Bytes under way between two sockets of this very process. The machine delivers them soon but, when it
 * is busy, not at once; time must not pass meanwhile.
 */
const unread = new Set<net.Socket>();
const connecting = new Set<net.Socket>();
/** Accepted sockets by the port that they were connected from, and the other way round. */
const accepted = new Map<string, net.Socket>();
const connected = new Map<string, net.Socket>();
/** A socket that is not read for so many turns is not meant to be: its server hangs on purpose. */
const patience = 500;
let turns = 0;

/** Whether everything that was written has been read by the other end. */
export function isAllDelivered(): boolean {
  for (const socket of connecting) if (!socket.connecting) connecting.delete(socket);
  for (const socket of unread) if (isRead(socket)) unread.delete(socket);
  if (unread.size + connecting.size === 0) {
    turns = 0;
    return true;
  }
  turns += 1;
  if (turns < patience) return false;
  unread.clear();
  connecting.clear();
  turns = 0;
  return true;
}

export const noteWrite = (socket: net.Socket): void => void unread.add(socket);

export function noteConnect(socket: net.Socket): void {
  connecting.add(socket);
  socket.once('connect', () => {
    const key = keyOf(socket.localPort, socket.remotePort);
    connected.set(key, socket);
    socket.once('close', () => connected.delete(key));
  });
}

export function noteAccepted(socket: net.Socket): void {
  const key = keyOf(socket.remotePort, socket.localPort);
  accepted.set(key, socket);
  socket.once('close', () => accepted.delete(key));
}

function isRead(socket: net.Socket): boolean {
  if (socket.destroyed) return true;
  if (socket.connecting) return false;
  const peer =
    accepted.get(keyOf(socket.localPort, socket.remotePort)) ??
    connected.get(keyOf(socket.remotePort, socket.localPort));
  // Not accepted yet, unless the other end is gone or of another process.
  if (!peer) return !socket.pending && socket.bytesRead > 0;
  return peer.destroyed || peer.isPaused() || peer.bytesRead >= socket.bytesWritten;
}

const keyOf = (client: number | undefined, server: number | undefined) =>
  `${client ?? ''}>${server ?? ''}`;
