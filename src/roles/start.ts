import type { Config } from '../config.ts';
import type { Connections } from '../connect.ts';
import { openAll } from '../ops/shutdown.ts';
import { createRenewals } from '../subscriptions/renew.ts';
import { createGroupsReader } from '../sync/groups-reader.ts';
import { underLease } from '../sync/lease.ts';
import { sweepAll } from '../sync/sweep-all.ts';
import type { OnProgress } from '../sync/sync-type.ts';
import { startApi } from './api.ts';
import { keepFigures } from './heartbeat.ts';
import { openHr, startProvisioner } from './hr.ts';
import { listen, type HttpServer } from './http.ts';
import { startReceiver } from './receiver.ts';
import { keepReception } from './reception.ts';
import { keepReplaying } from './replay.ts';
import { startScheduler } from './scheduler.ts';
import { createStatusApp } from './status.ts';
import { startWorker } from './worker.ts';

export const roleNames = ['receiver', 'worker', 'scheduler', 'api', 'provisioner'] as const;
export type RoleName = (typeof roleNames)[number];
type Worker = ReturnType<typeof startWorker>;
export type Running = Awaited<ReturnType<typeof startRoles>>;

/**
 * Starts roles in this process. They share nothing but the connections, so that any number of
 * processes with any roles behaves like one with all. Closing ends intake first, then what is under way.
 * They are served through `door` where it is open already.
 */
export function startRoles(
  names: readonly RoleName[],
  connections: Connections,
  { door, ...options }: { onProgress?: OnProgress; door?: HttpServer } = {},
) {
  const { log, config, mirror } = connections;
  return openAll(log, async (closers) => {
    const has = (name: RoleName) => names.includes(name);
    if (has('scheduler')) await mirror.tenants.ensure(connections.tenantId);
    const sync = {
      ...connections,
      publish: connections.publisher.publish,
      holder: connections.instanceId,
    };

    const reader = createGroupsReader(sync);
    closers.add('groups reader', () => reader.close());
    const receiver = has('receiver') ? await startReceiver(connections, closers) : undefined;
    let worker: Worker | undefined;
    const status = createStatusApp(connections, () => ({ receiver, worker }));
    const hr = has('api') || has('provisioner') ? await openHr(connections, closers) : undefined;
    let url = '';
    const publicUrl = () => config.http.publicUrl ?? url;
    const apps = has('api') ? await startApi(connections, { hr, publicUrl }, closers) : [];
    const mounts = [...(receiver ? [receiver.router] : []), status.app, ...apps];
    const http = await listen(mounts, config.http.port, log, door);
    closers.add('HTTP', () => http.close());
    url = `http://127.0.0.1:${http.port}`;

    // This receiver may have been the only one, and down: what nobody took meanwhile is swept.
    if (receiver) await sweepAll(sync);
    const renewals = createRenewals({
      ...connections,
      store: connections.subscriptions,
      publicUrl: publicUrl(),
      underLease: (name, signal, work) =>
        underLease(sync, name, { signal }, (keeper) => work(keeper.signal)),
      requestSweep: (tenantId) => mirror.requestSweep(tenantId),
    });
    if (has('scheduler')) {
      const { lossThreshold } = config;
      startScheduler({ ...sync, ...options, lossThreshold, reader, renewals }, closers);
      keepReplaying(connections, sync, closers);
      keepReception(connections, publicUrl(), closers);
    }
    if (has('worker')) worker = startWorker({ connections, reader, renewals }, closers);
    if (hr && has('provisioner')) startProvisioner(hr, connections, closers);
    keepFigures(connections, names, { receiver }, closers);
    // First of all readiness goes off; once nobody chooses this process any more, intake ends too, and
    // Graph sends again what it is refused then.
    closers.add('intake', async () => {
      status.stopping();
      http.drain();
      if (isRoutedTo(names, config)) await connections.clock.sleep(connections.timings.drainMs);
      await receiver?.close();
    });
    log.info({ roles: names, port: http.port }, 'roles started');
    return { url, receiver, worker, hr, status: status.read };
  });
}

/** Behind a public address something chooses among the processes by their readiness. */
const isRoutedTo = (names: readonly RoleName[], { http }: Config) =>
  http.publicUrl !== undefined && (names.includes('receiver') || names.includes('api'));
