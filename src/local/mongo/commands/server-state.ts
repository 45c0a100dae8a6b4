import { ObjectId } from 'bson';
import type { Command } from '../context.ts';
import { MAX_DOCUMENT_BYTES, type Doc } from '../engine/document.ts';

const version = '8.0.0';
/** 25 is MongoDB 8.0. */
const wireVersions = { minWireVersion: 0, maxWireVersion: 25 };

/**
 * A primary of a replica set of one: only with a `setName` does the driver retry writes. With
 * `topologyVersion` the driver waits for changes in a stream, and notices a restart at once.
 */
export function createHello(address: () => string): Command {
  const processId = new ObjectId();
  return (_, { now }): Doc => ({
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName: 'local',
    setVersion: 1,
    hosts: [address()],
    primary: address(),
    me: address(),
    topologyVersion: { processId, counter: 0 },
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    logicalSessionTimeoutMinutes: 30,
    localTime: now(),
    readOnly: false,
    ...wireVersions,
    ok: 1,
  });
}

export const acknowledge: Command = () => ({ ok: 1 });

export const buildInfo: Command = () => ({
  version,
  versionArray: [8, 0, 0, 0],
  gitVersion: 'none',
  modules: [],
  bits: 64,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  ok: 1,
});

export const hostInfo: Command = (_, { now }) => ({
  system: { currentTime: now(), hostname: '127.0.0.1' },
  os: { type: process.platform },
  ok: 1,
});

export const serverStatus: Command = (_, { cursors, now }) => ({
  version,
  process: 'mongod',
  pid: process.pid,
  uptime: Math.floor(process.uptime()),
  localTime: now(),
  metrics: { cursor: { open: { total: cursors.count } } },
  ok: 1,
});

export const connectionStatus: Command = () => ({
  authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
  ok: 1,
});
