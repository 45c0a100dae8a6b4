import type { Clock } from '../../../ops/clock.ts';
import { isExpired, resourceKey, type Subscription } from './subscription.ts';

/** The live subscriptions of a tenant; expired ones vanish without a word. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #clock: Clock;
  #onChange: (id: string, subscription: Subscription | undefined) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called with each subscription stored, and with undefined for one removed. */
  onChange(listener: (id: string, subscription: Subscription | undefined) => void): void {
    this.#onChange = listener;
  }

  list(): Subscription[] {
    const now = this.#clock.now();
    for (const [id, subscription] of this.#byId) {
      if (isExpired(subscription, now)) this.#byId.delete(id);
    }
    return [...this.#byId.values()];
  }

  get(id: string): Subscription | undefined {
    const found = this.#byId.get(id);
    return found && !isExpired(found, this.#clock.now()) ? found : undefined;
  }

  /** The one that a new subscription of this application would double. */
  findDouble(appId: string, resource: string, changeType: string): Subscription | undefined {
    return this.list().find(
      (each) =>
        each.applicationId === appId &&
        each.changeType === changeType &&
        resourceKey(each.resource) === resourceKey(resource),
    );
  }

  put(subscription: Subscription): void {
    this.#byId.set(subscription.id, subscription);
    this.#onChange(subscription.id, subscription);
  }

  remove(id: string): void {
    if (this.#byId.delete(id)) this.#onChange(id, undefined);
  }
}
