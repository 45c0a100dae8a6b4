import { parseArgs } from 'node:util';
import type { Bench, Sizes } from './support/bench.ts';
import { describeMachine } from './support/machine.ts';
import { printResult } from './support/print.ts';
import { missed } from './support/result.ts';
import { runAll } from './all.ts';
import { audit } from './audit.ts';
import { growth } from './growth.ts';
import { lag } from './lag.ts';
import { load } from './load.ts';
import { quota } from './quota.ts';
import { receive } from './receive.ts';
import { recover } from './recover.ts';
import { scim } from './scim.ts';
import { storm } from './storm.ts';

const benches: Record<string, Bench> = {
  receive,
  storm,
  load,
  lag,
  quota,
  recover,
  audit,
  scim,
  growth,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (name === 'all') await runAll(Object.keys(benches), args);
else if (bench) await runNamed(name, bench, args);
else {
  console.error(
    `There is no benchmark "${name}": choose one of ${Object.keys(benches).join(', ')}.`,
  );
  process.exitCode = 2;
}

/** Prints a table, or with `--json` one line; with `--check` a missed target makes the exit code 1. */
async function runNamed(name: string, bench: Bench, args: string[]): Promise<void> {
  const { sizes, smoke } = bench;
  const flags = {
    json: { type: 'boolean' },
    check: { type: 'boolean' },
    smoke: { type: 'boolean' },
  } as const;
  const numbers = Object.fromEntries(
    Object.keys(sizes).map((size) => [size, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ args, options: { ...numbers, ...flags } });
  const given = Object.fromEntries(
    Object.keys(sizes).flatMap((size) =>
      size in values ? [[size, Number(values[size as keyof typeof values])]] : [],
    ),
  );
  const chosen = { ...sizes, ...(values.smoke ? smoke : {}), ...given } as Sizes;
  const machine = describeMachine();
  const began = Date.now();
  const result = await bench.run(chosen, (progress) => console.error(`${name}: ${progress}`));
  const seconds = Math.round((Date.now() - began) / 1_000);
  const whole = {
    bench: name,
    sizes: chosen,
    machine,
    seconds,
    ...result,
    missed: missed(result).length,
  };
  if (values.json) console.log(JSON.stringify(whole));
  else printResult(whole);
  if (values.check && missed(result).length > 0) process.exitCode = 1;
}
