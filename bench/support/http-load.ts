import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { quantile } from './statistics.ts';

export interface Load {
  perSecond: number;
  /** Milliseconds from the request to its answer. */
  p99: number;
  slowest: number;
  /** Answers by status. */
  statuses: Record<string, number>;
}

/** Sends one body again and again over kept connections, each waiting for its answer, for `ms`. */
export function loadFor(url: string, body: string, connections: number, ms: number): Promise<Load> {
  const until = performance.now() + ms;
  const request = postOf(url, body);
  return run(url, connections, () => (performance.now() < until ? request : undefined));
}

/** Sends each body once. */
export function sendAll(
  url: string,
  bodies: readonly string[],
  connections: number,
): Promise<Load> {
  const left = bodies.values();
  return run(url, connections, () => {
    const { value } = left.next();
    return value === undefined ? undefined : postOf(url, value);
  });
}

function postOf(url: string, body: string): Buffer {
  const { host, pathname } = new URL(url);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Plain sockets: a client of Node would cost more than the servers that are measured. */
async function run(
  url: string,
  connections: number,
  next: () => Buffer | undefined,
): Promise<Load> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const began = performance.now();
  const drive = async () => {
    const socket = await openSocket(url);
    for (let request = next(); request; request = next()) {
      const sentAt = performance.now();
      const status = statusOf(await exchange(socket, request));
      times.push(performance.now() - sentAt);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, drive));
  return {
    perSecond: (times.length * 1_000) / (performance.now() - began),
    p99: quantile(times, 0.99),
    slowest: Math.max(...times),
    statuses,
  };
}

export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** The whole answer to one request, as text. */
export function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void) => {
      socket.off('data', onData).off('close', onClose);
      settle();
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (wholeAnswer(text) !== undefined) end(() => resolve(text));
    };
    const onClose = () => end(() => reject(new Error('the server hung up')));
    socket.on('data', onData).on('close', onClose);
    socket.write(request);
  });
}

export const statusOf = (answer: string): string => answer.slice(9, 12);

/** The status, once headers and body are there. */
export function wholeAnswer(text: string): string | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const isChunked = /\r\ntransfer-encoding: chunked/i.test(head);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const isWhole = isChunked ? text.endsWith('0\r\n\r\n') : text.length >= headEnd + 4 + length;
  return isWhole ? statusOf(text) : undefined;
}
