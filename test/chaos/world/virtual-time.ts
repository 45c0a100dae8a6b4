import { AsyncResource } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { currentProcess, type SimulatedProcess } from './process.ts';
import { Heap } from './heap.ts';
import { isAllDelivered } from './traffic.ts';

const machineNow = Date.now.bind(Date);
const machineTurn = setImmediate;
/** The same for each process, so that nothing depends on when it is run. */
const startedAt = Date.UTC(2026, 0, 5, 8);
let now = startedAt;
const due = new Heap<Entry>((a, b) => a.at - b.at || a.order - b.order);
let orders = 0;

interface Entry {
  at: number;
  order: number;
  timer: VirtualTimer;
}

/**
 * Lets time pass only while nothing happens: once every socket is quiet, it jumps to the next timer.
 * So hours cost what is done in them, every wait of the product and of its SDKs keeps its length, and
 * what one seed draws happens in one order. Replaces the timers and clocks of this whole process.
 */
export function startVirtualTime(): void {
  replaceTimers();
  replaceClocks();
  syncBuiltinESMExports();
  void pass();
}

/** Milliseconds since the epoch, as the world outside of the simulated processes has them. */
export const worldNow = (): number => now;
/** What the machine's clock says, for bounds on real time. */
export { machineNow };

/** As `setTimeout` of node:timers/promises. */
export function sleep<T>(
  ms = 1,
  value?: T,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      timer.close();
      reject(new DOMException('The operation was aborted', 'AbortError'));
    };
    const timer = new VirtualTimer(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

async function pass(): Promise<void> {
  for (;;) {
    await quiet();
    const entry = due.take((taken) => taken.timer.isDue(taken));
    if (!entry) continue;
    now = Math.max(now, entry.at);
    entry.timer.fire();
  }
}

/** A few turns of the event loop without an event: by then what was written to a socket here is read. */
async function quiet(): Promise<void> {
  let seen = eventCount();
  for (let turns = 0; turns < 3; turns += 1) {
    await new Promise((resolve) => machineTurn(resolve));
    const events = eventCount();
    if (events !== seen || !isAllDelivered()) turns = -1;
    seen = events;
  }
}

const { nodeTiming } = performance as unknown as {
  nodeTiming: { uvMetricsInfo: { events: number } };
};
const eventCount = () => nodeTiming.uvMetricsInfo.events;

/** Looks like what `setTimeout` gives. */
class VirtualTimer {
  #entry: Entry | undefined;
  readonly #owner: SimulatedProcess | undefined = currentProcess();
  readonly #scope = new AsyncResource('VirtualTimer');
  readonly #run: () => void;
  readonly #delayMs: number;
  readonly #repeats: boolean;

  constructor(run: () => void, delayMs: number, repeats = false) {
    this.#run = run;
    // The servers' own ticks would be most of what happens.
    const leastMs = repeats && !this.#owner ? 250 : 1;
    this.#delayMs = delayMs >= leastMs && delayMs < Infinity ? delayMs : leastMs;
    this.#repeats = repeats;
    this.refresh();
  }

  /** Whether this entry is its latest one and its process lives. */
  isDue(entry: Entry): boolean {
    return this.#entry === entry && !this.#owner?.isDead;
  }

  fire(): void {
    if (this.#owner) this.#owner.whenAwake(() => this.#fire());
    else this.#fire();
  }

  #fire(): void {
    if (!this.#entry) return;
    this.#entry = undefined;
    if (this.#repeats) this.refresh();
    this.#scope.runInAsyncScope(this.#run);
  }

  refresh(): this {
    this.#entry = { at: now + this.#delayMs, order: ++orders, timer: this };
    due.add(this.#entry);
    return this;
  }

  close(): this {
    this.#entry = undefined;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function replaceTimers(): void {
  type Run = (...args: unknown[]) => void;
  const start =
    (repeats: boolean) =>
    (run: Run, ms = 1, ...args: unknown[]) =>
      new VirtualTimer(() => run(...args), ms, repeats);
  const clear = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.close();
  };
  const all = {
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: clear,
    clearInterval: clear,
  };
  Object.assign(globalThis, all);
  Object.assign(timers, all);
  Object.assign(promises, { setTimeout: sleep });
  replaceSocketTimeouts();
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    new VirtualTimer(() => controller.abort(reason), ms);
    return controller.signal;
  };
}

/** A socket has timers of the machine's own; those that drivers rely on have to follow this time. */
function replaceSocketTimeouts(): void {
  const timeouts = new WeakMap<net.Socket, VirtualTimer>();
  net.Socket.prototype.setTimeout = function (
    this: net.Socket,
    ms: number,
    onTimeout?: () => void,
  ) {
    timeouts.get(this)?.close();
    if (onTimeout && ms > 0) this.once('timeout', onTimeout);
    if (onTimeout && ms === 0) this.off('timeout', onTimeout);
    if (ms === 0) return this;
    const activity = () => this.bytesRead + this.bytesWritten;
    let seen = activity();
    const timer = new VirtualTimer(
      () => {
        const isIdle = activity() === seen;
        seen = activity();
        if (this.destroyed) timer.close();
        else if (isIdle) this.emit('timeout');
      },
      ms,
      true,
    );
    timeouts.set(this, timer);
    return this;
  };
}

/** Within a simulated process a clock may be wrong. */
function replaceClocks(): void {
  const read = () => Math.floor(now) + (currentProcess()?.skewMs ?? 0);
  globalThis.Date = new Proxy(Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [read()], newTarget) as object,
    apply: () => new Date(read()).toString(),
    get: (target, name) => (name === 'now' ? read : (Reflect.get(target, name) as unknown)),
  });
  const sinceStart = () => now - startedAt;
  Object.defineProperty(performance, 'now', { value: sinceStart });
  const nanoseconds = () => BigInt(Math.round(sinceStart() * 1e6));
  const hrtime = ([seconds, rest]: [number, number] = [0, 0]) => {
    const passed = nanoseconds() - BigInt(seconds) * 1_000_000_000n - BigInt(rest);
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
  };
  Object.assign(process, { hrtime: Object.assign(hrtime, { bigint: nanoseconds }) });
}
