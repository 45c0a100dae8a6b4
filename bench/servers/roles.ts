import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/connect.ts';
import { createLog } from '../../src/ops/log.ts';
import type { Timings } from '../../src/ops/timings.ts';
import { startRoles, type RoleName } from '../../src/roles/start.ts';
import type { Served } from '../support/child.ts';

interface Options {
  env: Record<string, string>;
  roles: RoleName[];
  timings?: Partial<Timings>;
}

/** Roles of the product in a process of their own, as `entra-mirror start ROLES` runs them. */
export async function open({ env, roles, timings = {} }: Options): Promise<Served> {
  const log = createLog({ level: process.env['LOG_LEVEL'] ?? 'fatal' });
  const connections = await connect(readConfig(env), { log, timings });
  const running = await startRoles(roles, connections);
  return {
    ready: { url: running.url },
    calls: {
      status: () => running.status(),
      worker: () => running.worker?.stats,
      receiver: () => running.receiver?.stats,
    },
    async close() {
      await running.close();
      await connections.close();
    },
  };
}
