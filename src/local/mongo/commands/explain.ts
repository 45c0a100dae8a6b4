import type { Command } from '../context.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { explainQuery, findRecords, type Query } from '../engine/query.ts';
import { CommandError } from '../errors.ts';
import { splitPipeline } from './aggregate.ts';
import { docsOf, docOf, namespaceOf } from './arguments.ts';
import { queryOf } from './read.ts';

/** Says by which index a command would find its documents; it changes nothing. */
export const explain: Command = (command, { databases }) => {
  const explained = command['explain'];
  if (!isDoc(explained)) {
    throw new CommandError('TypeMismatch', 'explain needs the command to explain');
  }
  const inner = { ...explained, $db: command['$db'] };
  const namespace = namespaceOf(inner);
  const collection = databases.find(namespace);
  const query = explainedQuery(inner);
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace,
      parsedQuery: query.filter,
      winningPlan: explainQuery(collection, query),
      rejectedPlans: [],
    },
    ...(command['verbosity'] !== 'queryPlanner' && {
      executionStats: {
        executionSuccess: true,
        nReturned: findRecords(collection, query).length,
      },
    }),
    ok: 1,
  };
};

function explainedQuery(command: Doc): Query {
  const [name = ''] = Object.keys(command);
  switch (name) {
    case 'find':
      return queryOf(command, 'filter');
    case 'count':
    case 'distinct':
    case 'findAndModify':
      return queryOf(command, 'query');
    case 'update':
    case 'delete':
      return { filter: docOf(docsOf(command, `${name}s`)[0] ?? {}, 'q') };
    case 'aggregate':
      return splitPipeline(docsOf(command, 'pipeline')).query;
    default:
      throw new CommandError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
  }
}
