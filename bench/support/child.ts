import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a server module gives to the process that runs it. */
export interface Served {
  /** Told to who started it. */
  ready: unknown;
  calls?: Record<string, (argument: never) => unknown>;
  close(): unknown;
}
export type Open = (options: never) => Promise<Served>;

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** A process of its own, found by name under `servers/`. */
export interface Child<Ready> {
  ready: Ready;
  pid: number;
  call<T>(name: string, argument?: unknown): Promise<T>;
  memoryMiB(): Promise<number>;
  /** CPU time that it has used. */
  cpuMs(): Promise<number>;
  /** Ends it; `SIGKILL` without a word. */
  stop(signal?: 'SIGKILL'): Promise<void>;
}

const readyLimitMs = 300_000;

/** `PROFILE=folder` in the environment leaves a CPU profile of each child there. */
export async function startChild<Ready>(
  server: string,
  options: unknown = {},
): Promise<Child<Ready>> {
  const profile = process.env['PROFILE'];
  const child = fork(childProgram, [server, JSON.stringify(options)], {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}/${server}`] : [],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  const exited = once(child, 'exit');
  void exited.then(([code]) => {
    for (const [id, settle] of waiting)
      settle({ id, error: `${server} ended with ${String(code)}` });
  });
  let next = 0;
  const answerTo = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(`${server}: ${error}`));
      });
    });
  const call = async <T>(name: string, argument?: unknown): Promise<T> => {
    const id = (next += 1);
    child.send({ id, name, argument });
    return (await answerTo(id)) as T;
  };
  const late = setTimeout(() => child.kill('SIGKILL'), readyLimitMs);
  const ready = (await answerTo(0)) as Ready;
  clearTimeout(late);
  return {
    ready,
    pid: child.pid ?? 0,
    call,
    memoryMiB: async () => (await call<number>('memory')) / 2 ** 20,
    cpuMs: () => call<number>('cpuMs'),
    async stop(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (signal) child.kill(signal);
      else child.disconnect();
      const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(patience);
    },
  };
}

const own = fileURLToPath(import.meta.url);
const childProgram = own.replace(/child(\.\w+)$/, 'child-main$1');
