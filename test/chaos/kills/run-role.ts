import { readConfig } from '../../../src/config.ts';
import { connect } from '../../../src/connect.ts';
import { createLog } from '../../../src/ops/log.ts';
import { surviveDeadLinks } from '../../../src/queue/dead-link.ts';
import { startRoles, type RoleName } from '../../../src/roles/start.ts';

/** Here replicas lag for seconds only, so that what takes two looks ends while somebody watches. */
const timings = { replicationMs: 10_000, staleReadMs: 5_000 };

/** One role in this process, as `start` runs it. */
export async function runRole(role: RoleName): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel });
  surviveDeadLinks(log);
  await startRoles([role], await connect(config, { log, timings }));
}
