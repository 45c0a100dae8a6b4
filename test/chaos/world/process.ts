import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import net from 'node:net';
import { noteAccepted, noteConnect, noteWrite } from './traffic.ts';

/**
 * A process of the product inside this one: everything asynchronous that it begins carries its name,
 * so that its timers, sockets and servers can be taken away at once, as `kill -9` does.
 */
export class SimulatedProcess {
  readonly name: string;
  /** What its clock is off by. */
  skewMs = 0;
  crashes = 0;
  #isDead = false;
  /** What it would have done while it sleeps, stopped between two of its steps as by SIGSTOP. */
  #held: (() => void)[] | undefined;
  /** Not read from meanwhile. */
  readonly #unread = new Set<net.Socket>();
  #diesAfterWrites: number | undefined;
  #onKill: () => void = () => undefined;
  #sleeps: { afterWrites: number; fallAsleep: () => void } | undefined;
  readonly #onDeath: () => void;
  readonly #sockets = new Set<net.Socket>();
  readonly #servers = new Set<net.Server>();
  readonly #agent: Agent;

  constructor(name: string, onDeath: () => void) {
    this.name = name;
    this.#onDeath = onDeath;
    this.#agent = newAgent();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get agent(): Agent {
    return this.#agent;
  }

  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  adoptSocket(socket: net.Socket): void {
    if (this.#isDead) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#held) this.#stopReading(socket);
  }

  #stopReading(socket: net.Socket): void {
    if (socket.isPaused()) return;
    socket.pause();
    this.#unread.add(socket);
  }

  adoptServer(server: net.Server): void {
    this.#servers.add(server);
    server.on('connection', (socket: net.Socket) => {
      owners.set(socket, this);
      this.adoptSocket(socket);
    });
  }

  /** It ended by itself. */
  crash(): void {
    if (!this.#isDead) this.crashes += 1;
    this.kill();
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#held = undefined;
    this.#onKill();
    // Not within the write that it dies of: that call has to return first.
    outside(() => setImmediate(() => this.#takeAway()));
  }

  #takeAway(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy().catch(() => undefined);
    this.#onDeath();
  }

  /** It dies with its `writes`-th write from now on, which is not sent any more. */
  killAfterWrites(writes: number, onKill: () => void): void {
    this.#diesAfterWrites = writes;
    this.#onKill = onKill;
  }

  /** It stops before its `writes`-th write from now on; `fallAsleep` is told. */
  sleepAfterWrites(writes: number, fallAsleep: () => void): void {
    this.#sleeps = { afterWrites: writes, fallAsleep };
  }

  wake(): void {
    this.#sleeps = undefined;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
    for (const socket of this.#unread) socket.resume();
    this.#unread.clear();
  }

  #fallAsleep(): void {
    this.#held ??= [];
    for (const socket of this.#sockets) this.#stopReading(socket);
  }

  /** Runs what has come due, at once or when it wakes. */
  whenAwake(act: () => void): void {
    if (this.#held) this.#held.push(act);
    else act();
  }

  /** Sends now, later, or never. */
  send(write: () => unknown): unknown {
    if (this.#isDead) return false;
    if (this.#diesAfterWrites !== undefined && --this.#diesAfterWrites <= 0) {
      this.kill();
      return false;
    }
    if (this.#sleeps && --this.#sleeps.afterWrites <= 0) {
      this.#fallAsleep();
      this.#sleeps.fallAsleep();
      this.#sleeps = undefined;
    }
    if (!this.#held) return write();
    this.#held.push(() => void write());
    return true;
  }
}

const current = new AsyncLocalStorage<SimulatedProcess | undefined>();
const owners = new WeakMap<net.Socket, SimulatedProcess>();

export const currentProcess = (): SimulatedProcess | undefined => current.getStore();

/** What comes of it belongs to no process. */
export const outside = <T>(work: () => T): T => current.run(undefined, work);

interface Agent {
  destroy(): Promise<void>;
}
type AgentClass = new () => Agent;

/** Each process has connections of its own; `fetch` would share one pool. */
function newAgent(): Agent {
  // The first look at it loads what sets the dispatcher.
  const loaded = typeof globalThis.Response;
  const dispatcher: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'));
  if (typeof dispatcher !== 'object' || !dispatcher) {
    throw new Error(`this Node.js keeps no global dispatcher of fetch (${loaded})`);
  }
  return new (dispatcher.constructor as AgentClass)();
}

/** From now on sockets, servers and requests are known by the process that opened them. */
export function watchProcesses(): void {
  around(net.Socket.prototype, 'connect', (socket, connect) => {
    const owner = currentProcess();
    // A dead process reaches nobody any more.
    if (owner?.isDead) return socket;
    if (owner) owners.set(socket, owner);
    owner?.adoptSocket(socket);
    noteConnect(socket);
    return connect();
  });
  around(net.Socket.prototype, 'write', (socket, write) => {
    const send = () => {
      noteWrite(socket);
      return write();
    };
    const owner = owners.get(socket);
    return owner ? owner.send(send) : send();
  });
  around(net.Server.prototype, 'listen', (server, listen) => {
    server.prependListener('connection', noteAccepted);
    // Kept by the machine's time, which means nothing here.
    if (server instanceof http.Server) server.keepAliveTimeout = 0;
    currentProcess()?.adoptServer(server);
    return listen();
  });
  const { fetch } = globalThis;
  Object.assign(globalThis, {
    fetch: (input: string, init?: RequestInit): unknown => {
      const dispatcher = currentProcess()?.agent;
      return Reflect.apply(fetch, globalThis, [
        input,
        { ...init, ...(dispatcher && { dispatcher }) },
      ]);
    },
  });
}

function around<T extends object>(
  prototype: T,
  name: string,
  wrapper: (self: T, call: () => unknown) => unknown,
): void {
  const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  const wrapped = function (this: T, ...args: unknown[]) {
    return wrapper(this, () => Reflect.apply(original, this, args));
  };
  Object.defineProperty(prototype, name, { value: wrapped, configurable: true, writable: true });
}
