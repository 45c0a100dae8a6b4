import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { readEmployee, type ReadEmployee } from './employee.ts';
import {
  acceptBatch,
  acceptOne,
  acceptRemoval,
  type IntakeDeps,
  type IntakeResult,
} from './intake.ts';

const mostInBatch = 1_000;
const batchBody = z.object({ employees: z.array(z.unknown()).min(1).max(mostInBatch) });

interface AppDeps extends IntakeDeps {
  count: (name: string) => void;
}

/**
 * Where HR sends people. Only who shows the token of a connection gets in, and 202 means that the record is
 * stored and the queue has it.
 */
export function createHrApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/hr', connectedOnly(deps));
  app.use('/hr', express.json({ limit: '4mb' }));
  app.put('/hr/employees/:employeeId', putOne(deps));
  app.delete('/hr/employees/:employeeId', removeOne(deps));
  app.post('/hr/employees\\:batch', postBatch(deps));
  app.use('/hr', answerBadJson);
  return app;
}

/** The token says which tenant is meant; without a connection that is on, there is none. */
function connectedOnly({ store }: IntakeDeps): RequestHandler {
  return async (request, response, next) => {
    const shown = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const tenantId = shown === undefined ? undefined : await store.connections.tenantOf(shown);
    if (tenantId === undefined) {
      const error = 'Show the token that "entra-mirror hr connect" printed.';
      response.status(401).set('www-authenticate', 'Bearer').json({ error });
      return;
    }
    response.locals['tenantId'] = tenantId;
    next();
  };
}

const tenantOf = ({ locals }: Response): string => String(locals['tenantId']);

type Handle = (deps: AppDeps) => RequestHandler;

const countResult = ({ count }: AppDeps, status: IntakeResult['status']) =>
  count(`hr.record.${status}`);

const putOne: Handle = (deps) => async (request, response) => {
  const employeeId = paramOf(request, 'employeeId');
  const read = readAddressed(request.body, employeeId);
  if (read.kind === 'invalid') {
    countResult(deps, 'invalid');
    response.status(422).json({ error: 'The record is not valid.', problems: read.problems });
  } else {
    const result = await acceptOne(tenantOf(response), read.employee, deps);
    countResult(deps, result.status);
    response.status(202).json(result);
  }
};

/** The address names the employee; a body that names another is wrong. */
function readAddressed(body: unknown, employeeId: string): ReadEmployee {
  const given = Object(body) as Record<string, unknown>;
  const read = readEmployee({ ...given, employeeId });
  if ((given['employeeId'] ?? employeeId) === employeeId) return read;
  const problem = { field: 'employeeId', message: 'is not the one of the address' };
  const others = read.kind === 'invalid' ? read.problems : [];
  return { kind: 'invalid', employeeId, problems: [problem, ...others] };
}

const removeOne: Handle = (deps) => async (request, response) => {
  const isKnown = await acceptRemoval(tenantOf(response), paramOf(request, 'employeeId'), deps);
  response.status(isKnown ? 202 : 404).json({ accepted: isKnown });
};

const postBatch: Handle = (deps) => async (request, response) => {
  const parsed = batchBody.safeParse(request.body);
  if (!parsed.success) {
    const error = `The body needs "employees", a list of 1 to ${mostInBatch} records.`;
    response.status(422).json({ error });
    return;
  }
  const { import: importId, more } = request.query;
  const part = {
    importId: typeof importId === 'string' ? importId.slice(0, 64) : undefined,
    isLast: more !== 'true',
  };
  const answer = await acceptBatch(tenantOf(response), parsed.data.employees, part, deps);
  if (answer.state === 'rejected') {
    response.status(409).json({ error: 'This import was rejected: send it under another id.' });
    return;
  }
  for (const { status } of answer.results) countResult(deps, status);
  const isAnyValid = answer.results.some(({ status }) => status !== 'invalid');
  response.status(isAnyValid ? 202 : 422).json(answer);
};

function paramOf({ params }: Request, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : '';
}

const answerBadJson: express.ErrorRequestHandler = (error, _request, response, next) => {
  const { status } = Object(error) as { status?: number };
  if (status === 400 || status === 413) {
    response.status(status).json({ error: 'The body is not JSON, or is over 4 MB.' });
  } else next(error);
};
