import { connectHr, disconnectHr } from '../../../src/hr/life.ts';
import { createLog } from '../../../src/ops/log.ts';
import { startTestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

export type Office = Awaited<ReturnType<typeof openOffice>>;

/** HR's API and its worker on local servers of their own; no mirror runs. */
export async function openOffice() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const stack = await startTestStack({
    log: createLog({ level: 'trace', destination }),
    ...{ users: 12, groups: 1, roles: ['api', 'provisioner'] },
    timings: { replicationMs: 400, leaseMs: 1_000, replayEveryMs: 300 },
  });
  const { tenantId } = stack.connections;
  const hr = stack.running.hr!;
  let token = '';

  const ask = async (method: string, path: string, body?: unknown, shown = token) => {
    const answer = await fetch(`${stack.running.url}/hr${path}`, {
      method,
      headers: { authorization: `Bearer ${shown}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const record = (key: string) => hr.store.records.find(tenantId, key);

  return {
    ...{ stack, hr, tenantId, ask, record, graph: stack.graph, directory: stack.directory },
    /** All that was logged so far. */
    logged: () => lines.join(''),
    /** The sender's token of the connection that is on. */
    shownToken: () => token,
    async connect() {
      const made = await connectHr(tenantId, { clientId: 'entra-mirror-hr' }, hr);
      if ('intakeToken' in made) token = made.intakeToken;
      return made;
    },
    disconnect: () => disconnectHr(tenantId, hr),
    put: (employeeId: string, changes: object = {}) =>
      ask('PUT', `/employees/${employeeId}`, {
        ...{ firstName: 'Ada', lastName: 'Lind', workMail: `${employeeId}@northwind.example` },
        ...changes,
      }),
    /** The stored record once its newest revision is in this state. */
    reaches: (key: string, state: string) =>
      until(
        async () => {
          const found = await record(key);
          const isDealtWith = found?.revision === found?.doneRevision || state === 'held';
          return found?.state === state && isDealtWith ? found : undefined;
        },
        { what: `for ${key} to be ${state}` },
      ),
    shown: (employeeId: string) =>
      stack.directory
        .snapshot()
        .users.filter(
          ({ state, properties }) => state === 'active' && properties['employeeId'] === employeeId,
        ),
    close: () => stack.close(),
  };
}
