import type { Clock } from '../../ops/clock.ts';
import { DOMAIN, foundCompany } from './company/company.ts';
import { Directory } from './directory/directory.ts';
import { noFaults, type Faults } from './faults.ts';
import { openJournal, type Founding, type Journal } from './journal.ts';
import { GRAPH_TIMES, type DeliveryTimes } from './notify/delivery.ts';
import { Notifier } from './notify/notifier.ts';
import { Subscriptions } from './notify/subscriptions.ts';
import { createRandom, mixSeeds } from './random.ts';
import { createStats } from './stats.ts';
import { Tenant, type Domain } from './tenant.ts';

export interface TenantOptions {
  seed?: number;
  users?: number;
  groups?: number;
  faults?: Partial<Faults>;
  /** Resource units per 10 s for each application. */
  quota?: number;
  /** Writes of one application per 150 s. */
  writeQuota?: number;
  domains?: readonly Domain[];
  /** Applications that may change people; others are answered 403. */
  writingApps?: readonly string[];
  pageDelayMs?: number;
  handshakeTimeoutMs?: number;
  deliveryTimes?: Partial<DeliveryTimes>;
}

export interface OpenTenant {
  tenant: Tenant;
  close(): Promise<void>;
}

const PROGRESS_EVERY_MS = 1_000;
const DOMAINS: readonly Domain[] = [
  { name: DOMAIN, isVerified: true },
  { name: 'northwind.onmicrosoft.com', isVerified: true },
  { name: 'federated.northwind.example', isVerified: true, isFederated: true },
  { name: 'pending.example', isVerified: false },
];
const WRITING_APPS = ['entra-mirror-hr'];

/** A tenant with its directory as its journal left it, or with a new company. */
export function openTenant(
  tenantId: string,
  { clock, dataDir, ...options }: TenantOptions & { clock: Clock; dataDir?: string | undefined },
): OpenTenant {
  const journal = dataDir === undefined ? undefined : openJournal(dataDir, tenantId);
  const founding = found(journal, options);
  const tenant = assemble(tenantId, founding, clock, options, journal);
  replay(tenant, journal);
  const { directory, subscriptions, notifier, stats } = tenant;
  const endJournal = directory.onEvent((event) => journal?.append({ event }));
  const endNotices = directory.onEvent((event) => notifier.notify(event));
  subscriptions.onChange((id, subscription) => {
    journal?.append(subscription ? { subscription } : { removedSubscription: id });
  });
  const saveProgress = () => journal?.saveProgress({ settledUpTo: notifier.settledUpTo, stats });
  const timer = setInterval(saveProgress, PROGRESS_EVERY_MS).unref();
  return {
    tenant,
    async close() {
      clearInterval(timer);
      endJournal();
      endNotices();
      await notifier.close();
      saveProgress();
      journal?.close();
    },
  };
}

function found(journal: Journal | undefined, options: TenantOptions): Founding {
  const known = journal?.entries.find((entry) => 'founding' in entry);
  if (known) return known.founding;
  const { seed = 1, users = 1_000, groups = 100 } = options;
  journal?.append({ founding: { seed, users, groups } });
  return { seed, users, groups };
}

function assemble(
  tenantId: string,
  founding: Founding,
  clock: Clock,
  options: TenantOptions,
  journal: Journal | undefined,
): Tenant {
  const faults = { ...noFaults(), ...options.faults };
  const stats = { ...createStats(), ...journal?.progress?.stats };
  const random = (salt: number) => createRandom(mixSeeds(founding.seed, salt));
  const drawLate = random(1);
  const directory = new Directory({
    company: foundCompany(founding),
    seed: founding.seed,
    clock,
    drawLateMs: () => (faults.deltaLagMs > 0 ? drawLate() * faults.deltaLagMs : 0),
    omitsMembers: (type) => faults.membersOmitServicePrincipals && type === 'servicePrincipal',
    purgesSecurityGroups: () => faults.purgesSecurityGroups,
  });
  const subscriptions = new Subscriptions(clock);
  const times = { ...GRAPH_TIMES, ...options.deliveryTimes };
  const notifier = new Notifier({
    tenantId,
    subscriptions,
    faults,
    stats,
    clock,
    random: random(2),
    times,
  });
  const { quota = 8_000, writeQuota, domains = DOMAINS, writingApps = WRITING_APPS } = options;
  const { pageDelayMs = 0, handshakeTimeoutMs = 10_000 } = options;
  const shared = { directory, faults, stats, subscriptions, notifier, clock };
  return new Tenant({
    id: tenantId,
    ...shared,
    random: random(3),
    ...{ quota, writeQuota, domains, writingApps },
    pageDelayMs,
    handshakeTimeoutMs,
  });
}

/** Repeats the journal, then sends what its last run had not delivered yet. */
function replay(
  { directory, subscriptions, notifier }: Tenant,
  journal: Journal | undefined,
): void {
  for (const entry of journal?.entries ?? []) {
    if ('event' in entry) directory.replay(entry.event);
    if ('subscription' in entry) subscriptions.put(entry.subscription);
    if ('removedSubscription' in entry) subscriptions.remove(entry.removedSubscription);
  }
  const settledUpTo = journal?.progress?.settledUpTo ?? 0;
  notifier.resumeAfter(settledUpTo);
  for (const event of directory.history) {
    if (event.sequence > settledUpTo) notifier.notify(event);
  }
}
