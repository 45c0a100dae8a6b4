import { startLocalMongo } from '../../src/local/mongo/server.ts';
import type { Served } from '../support/child.ts';

/** The local MongoDB, in memory. */
export async function open(): Promise<Served> {
  const server = await startLocalMongo();
  return { ready: { uri: server.uri }, close: () => server.close() };
}
