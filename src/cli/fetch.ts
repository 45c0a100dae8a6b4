import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import type { ObjectRef } from '../change.ts';
import type { StoredObject } from '../mirror/types.ts';
import { withConnections } from './connected.ts';
import { differingNames } from './differing-names.ts';
import { locate } from './locate.ts';
import { print } from './output.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  values?: boolean;
  timeout: number;
  json?: boolean;
}

/** Adds `fetch`. */
export function addFetch(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('fetch')
    .description('have a person or group read now, by a worker, and show what changed')
    .argument('<name>', 'object id, user principal name or mail address')
    .option('--values', 'show the values too, which are personal data')
    .option('--timeout <seconds>', 'wait at most so long for a worker', wholeNumber, 60)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  entra-mirror fetch ada@contoso.com')
    .action((name: string, options: Options) =>
      withConnections(env, async (connections) => {
        const { ref, stored } = await locate(connections, name);
        const after = await readByWorker(connections, ref, stored, options.timeout * 1_000);
        const names = differingNames(stored ?? {}, after);
        const changed = options.values ? valuesOf(names, stored, after) : names;
        const result = { object: ref, state: after.mirror.state, changed };
        print(options.json, result, () => inWords(result));
      }),
    );
}

type Held = StoredObject | undefined;
const lookEveryMs = 200;

/** Sends a hint and waits until a worker has read the object; gives what the mirror holds then. */
async function readByWorker(
  { mirror, tenantId, publisher, clock }: Connections,
  ref: ObjectRef,
  before: Held,
  limitMs: number,
): Promise<StoredObject> {
  const beganMs = clock.now();
  const receivedAt = new Date(beganMs).toISOString();
  const hint = { changeType: 'updated', origin: 'hint', attempt: 0, onDemand: true } as const;
  await publisher.publish(tenantId, [{ ...ref, ...hint, receivedAt }]);
  while (clock.now() - beganMs < limitMs) {
    const [held] = await mirror.currentOf(tenantId, [ref]);
    if (held && held.mirror.fence > (before?.mirror.fence ?? -1)) return held;
    await clock.sleep(lookEveryMs);
  }
  throw new Error(
    `No read of ${ref.type} ${ref.id} was written within ${limitMs / 1_000} s: "explain ${ref.id}" tells why.`,
  );
}

const valuesOf = (names: readonly string[], before: Held, after: StoredObject) =>
  Object.fromEntries(
    names.map((name) => [name, { before: before?.[name] ?? null, after: after[name] ?? null }]),
  );

function inWords({
  object,
  state,
  changed,
}: {
  object: ObjectRef;
  state: string;
  changed: string[] | ReturnType<typeof valuesOf>;
}): string {
  const head = `${object.type} ${object.id} was read: ${state}`;
  if (Array.isArray(changed))
    return `${head}\nchanged: ${changed.length > 0 ? changed.join(', ') : 'nothing'}`;
  const lines = Object.entries(changed).map(
    ([name, { before, after }]) => `${name}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  return [head, ...(lines.length > 0 ? lines : ['changed: nothing'])].join('\n');
}
