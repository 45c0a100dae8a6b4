import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../ops/clock.ts';
import type { DirectoryEvent } from '../directory/event.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Stats } from '../stats.ts';
import { Delivery, type DeliveryTimes } from './delivery.ts';
import { printLifecycle, printNotification, type LifecycleEvent } from './payload.ts';
import { wants, type Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

interface NotifierDeps {
  tenantId: string;
  subscriptions: Subscriptions;
  faults: Faults;
  stats: Stats;
  clock: Clock;
  random: Random;
  times: DeliveryTimes;
}

/** Tells the subscribers of a tenant what changed, with the faults asked for. */
export class Notifier {
  readonly #deps: NotifierDeps;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #closing = new AbortController();
  /** How many parcels of each event are under way, oldest event first. */
  readonly #open = new Map<number, number>();
  #lastSequence = 0;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
    // Every delayed parcel listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  /** All events up to this one need no notification any more, also after a restart. */
  get settledUpTo(): number {
    const [oldestOpen] = this.#open.keys();
    return oldestOpen === undefined ? this.#lastSequence : oldestOpen - 1;
  }

  /** Events up to this one were settled by a former run. */
  resumeAfter(sequence: number): void {
    this.#lastSequence = sequence;
  }

  notify(event: DirectoryEvent): void {
    this.#lastSequence = Math.max(this.#lastSequence, event.sequence);
    if (!this.#isNotified(event)) return;
    for (const subscription of this.#deps.subscriptions.list()) {
      if (wants(subscription, event)) this.#notifyOne(subscription, event);
    }
  }

  /** Sends lifecycle notifications now; they are retried like others. */
  sendLifecycle(event: LifecycleEvent, subscriptionId?: string): number {
    const { subscriptions, tenantId } = this.#deps;
    const targets = subscriptions
      .list()
      .filter(({ id }) => !subscriptionId || id === subscriptionId);
    for (const target of targets) {
      if (!target.lifecycleNotificationUrl) continue;
      const json = printLifecycle(tenantId, target, event);
      this.#delivery(target.lifecycleNotificationUrl).add({ json, settled: () => undefined });
    }
    return targets.length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.close()));
  }

  #isNotified(event: DirectoryEvent): boolean {
    const { faults } = this.#deps;
    if (event.kind === 'managerSet' && !faults.managerNotifies) return false;
    if (event.kind === 'edgeRemoved' && event.byPurge && !faults.purgeNotifiesGroups) return false;
    return event.type === 'user' || event.type === 'group';
  }

  #notifyOne(subscription: Subscription, event: DirectoryEvent): void {
    const { tenantId, faults, stats } = this.#deps;
    if (this.#chance(faults.notificationLossRate)) {
      stats.lostNotifications += 1;
      return;
    }
    const json = printNotification(tenantId, subscription, event, faults.notificationsShowMembers);
    const copies = this.#chance(faults.notificationDuplicateRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      void this.#send(subscription, event.sequence, json);
  }

  async #send({ notificationUrl }: Subscription, sequence: number, json: string): Promise<void> {
    const { faults, stats, random, clock } = this.#deps;
    stats.notifications += 1;
    this.#open.set(sequence, (this.#open.get(sequence) ?? 0) + 1);
    if (this.#chance(faults.notificationDelayRate)) {
      await clock.sleep(random() * faults.notificationDelayMs, this.#closing.signal);
    }
    if (this.#closing.signal.aborted) return;
    this.#delivery(notificationUrl).add({ json, settled: () => this.#settle(sequence) });
  }

  #settle(sequence: number): void {
    const open = (this.#open.get(sequence) ?? 1) - 1;
    if (open > 0) this.#open.set(sequence, open);
    else this.#open.delete(sequence);
  }

  #delivery(url: string): Delivery {
    const known = this.#deliveries.get(url);
    if (known) return known;
    const punishesSlowness = () => this.#deps.faults.punishesSlowEndpoints;
    const delivery = new Delivery(url, { ...this.#deps, punishesSlowness });
    this.#deliveries.set(url, delivery);
    return delivery;
  }

  #chance(rate: number): boolean {
    return rate > 0 && this.#deps.random() < rate;
  }
}
