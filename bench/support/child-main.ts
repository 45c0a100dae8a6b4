import type { Open } from './child.ts';

interface Call {
  id: number;
  name: string;
  argument: never;
}

const [, program = '', server = '', options = '{}'] = process.argv;
const path = program.replace(/support([\\/])child-main/, `servers$1${server}`);
const { open } = (await import(path)) as { open: Open };
const served = await open(JSON.parse(options) as never).catch((error: unknown) => {
  process.send?.({ id: 0, error: String(error) });
  process.exit(1);
});
const calls: Record<string, (argument: never) => unknown> = {
  memory: () => process.memoryUsage.rss(),
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
  ...served.calls,
};

process.on('message', ({ id, name, argument }: Call) => {
  void Promise.resolve()
    .then(() => calls[name]?.(argument))
    .then(
      (value: unknown) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
});
process.on('disconnect', () => {
  void Promise.resolve(served.close()).finally(() => process.exit());
});
process.on('SIGINT', () => undefined);
process.send?.({ id: 0, value: served.ready });
