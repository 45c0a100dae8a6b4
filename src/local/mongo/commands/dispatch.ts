import { Binary } from 'bson';
import type { Command, Context } from '../context.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { CommandError, errorReply } from '../errors.ts';
import { aggregate } from './aggregate.ts';
import { refuseCollation } from './arguments.ts';
import {
  collStats,
  create,
  dbStats,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
} from './collections.ts';
import { explain } from './explain.ts';
import { findAndModify } from './find-and-modify.ts';
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts';
import { count, distinct, find, getMore, killCursors } from './read.ts';
import {
  acknowledge,
  buildInfo,
  connectionStatus,
  hostInfo,
  serverStatus,
} from './server-state.ts';
import { deleteDocuments, insert, update } from './write.ts';

/** Runs a command and gives its reply, an error included. `hello` knows the server's address. */
export function createDispatcher(context: Context, hello: Command): (command: Doc) => Doc {
  const commands = new Map(Object.entries({ ...served, hello, ismaster: hello, isMaster: hello }));
  const done = new Map<string, { number: number; reply: Doc }>();
  return (command) => {
    try {
      const [name = ''] = Object.keys(command);
      const run = commands.get(name);
      if (!run) throw new CommandError('CommandNotFound', `no such command: '${name}'`);
      refuseTransactions(command);
      refuseCollation(command);
      return onceOnly(done, command, () => run(command, context));
    } catch (error) {
      return errorReply(error);
    }
  };
}

const served: Record<string, Command> = {
  aggregate,
  buildInfo,
  buildinfo: buildInfo,
  collStats,
  connectionStatus,
  count,
  create,
  createIndexes,
  dbStats,
  delete: deleteDocuments,
  distinct,
  drop,
  dropDatabase,
  dropIndexes,
  endSessions: acknowledge,
  explain,
  find,
  findAndModify,
  getMore,
  hostInfo,
  insert,
  killCursors,
  listCollections,
  listDatabases,
  listIndexes,
  ping: acknowledge,
  refreshSessions: acknowledge,
  serverStatus,
  startSession: acknowledge,
  update,
};

function refuseTransactions(command: Doc): void {
  if (command['autocommit'] === undefined && command['startTransaction'] === undefined) return;
  const message = 'this server has no transactions';
  throw new CommandError('OperationNotSupportedInTransaction', message);
}

const maxSessions = 10_000;

/** A retried write (same session, same number) gets the first one's reply and changes nothing. */
function onceOnly(
  done: Map<string, { number: number; reply: Doc }>,
  command: Doc,
  run: () => Doc,
): Doc {
  const { lsid, txnNumber: number } = command;
  if (typeof number !== 'number' || !isDoc(lsid) || !(lsid['id'] instanceof Binary)) return run();
  const session = lsid['id'].toString('hex');
  const before = done.get(session);
  if (before?.number === number) return before.reply;
  if (before && before.number > number) {
    const message = `Retryable write with txnNumber ${number} is prohibited on session ${session} because a newer retryable write with txnNumber ${before.number} has already started`;
    throw new CommandError('TransactionTooOld', message);
  }
  const reply = run();
  done.delete(session);
  done.set(session, { number, reply });
  const [oldest] = done.keys();
  if (done.size > maxSessions && oldest !== undefined) done.delete(oldest);
  return reply;
}
