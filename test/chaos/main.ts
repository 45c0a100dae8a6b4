import { watchProcesses, SimulatedProcess } from './world/process.ts';
import { startVirtualTime, sleep, machineNow, worldNow } from './world/virtual-time.ts';

watchProcesses();
startVirtualTime();
const t0 = machineNow();
const { startLocalGraph } = await import('../../src/local/graph/server.ts');
const { startLocalMongo } = await import('../../src/local/mongo/server.ts');
const { startLocalServiceBus } = await import('../../src/local/service-bus/server.ts');
const { connect } = await import('../../src/connect.ts');
const { readConfig } = await import('../../src/config.ts');
const { startRoles } = await import('../../src/roles/start.ts');
const { createLog } = await import('../../src/ops/log.ts');
console.log('imports', machineNow() - t0);
const graph = await startLocalGraph({ users: 40, groups: 6, seed: 3 });
const mongo = await startLocalMongo();
const bus = await startLocalServiceBus({ queues: [{ name: 'directory-changes', maxDeliveryCount: 100, lockMs: 300000 }] });
console.log('servers', machineNow() - t0, worldNow());
const p = new SimulatedProcess('all');
const config = readConfig({
  PORT: '0', AZURE_TENANT_ID: graph.tenantId, GRAPH_BASE_URL: graph.url, MONGODB_URI: mongo.uri, SERVICEBUS_CONNECTION_STRING: bus.connectionString,
});
const running = await p.run(async () => {
  const c = await connect(config, { log: createLog({ level: 'warn' }) });
  console.log('connected', machineNow() - t0);
  return startRoles(['receiver', 'worker', 'scheduler'], c);
});
console.log('started', machineNow() - t0, worldNow());
const w0 = worldNow();
for (let i = 0; i < 10; i += 1) {
  await sleep(30_000);
  console.log('t', worldNow() - w0, 'real', machineNow() - t0, (await running.status()).state, graph.stats);
}
process.exit(0);
