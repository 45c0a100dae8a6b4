import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createProgram } from '../../src/cli/program.ts';
import { noteRunning } from '../../src/cli/running.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let dataDir: string;
let gone: string[];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holds-'));
  stack = await startTestStack({ users: 60, groups: 2 });
  await stack.live();
  await noteRunning(dataDir, stack.running.url, stack.connections.local!);
  gone = stack.directory
    .snapshot()
    .users.slice(0, 40)
    .map(({ id }) => id);
});
afterAll(async () => {
  await stack.close();
  await rm(dataDir, { recursive: true });
});

/** What the command line prints. */
async function entraMirror(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const env = { DATA_DIR: dataDir, MONGODB_DATABASE: stack.connections.config.database };
  try {
    await createProgram({ env }).parseAsync(['node', 'entra-mirror', ...words]);
  } finally {
    write.mockRestore();
  }
  return printed.join('');
}

const openHolds = async () => (await stack.running.status()).tenants[0]!.holds;
const heldNow = async () => {
  const held = { 'mirror.state': 'active' as const, 'mirror.held': { $exists: true } };
  return stack.connections.mirror.collections.objects.user.countDocuments(held);
};

describe('a mass deletion', () => {
  it('is held, shown in the status and listed with its evidence', async () => {
    for (const id of gone) stack.directory.deleteUser(id);
    await until(async () => {
      const { users } = (await stack.running.status()).tenants[0]!;
      return users.softDeleted + (await heldNow()) === 40;
    });
    const [hold] = await openHolds();
    expect(hold!.items).toBeGreaterThanOrEqual(20);

    const { id, items } = hold!;
    const holds = JSON.parse(await entraMirror('holds', 'list', '--json')) as {
      held: { id: string }[];
    }[];
    expect(holds).toMatchObject([{ id, items, state: 'open' }]);
    const { held } = holds[0]!;
    expect(held).toHaveLength(items);
    expect(held[0]).toMatchObject({ type: 'user', evidence: 'deletedItems' });
    expect(gone).toEqual(expect.arrayContaining(held.map((item) => item.id)));
    expect(await entraMirror('holds', 'list')).toContain('users and groups');
    expect(await entraMirror('status', '--json')).toContain(id);
  });

  it('is refused a decision about another hold', async () => {
    await expect(entraMirror('holds', 'approve', 'nonsense')).rejects.toThrow(
      'No open hold has the id nonsense: see "entra-mirror holds list".',
    );
  });

  it('is applied once it is approved, and the mirror equals its source', async () => {
    const [hold] = await openHolds();
    expect(await entraMirror('holds', 'approve', hold!.id)).toContain('is approved');
    await until(async () => (await heldNow()) === 0);
    await stack.equal();
    expect(await openHolds()).toEqual([]);
  });

  it('stays as it was once it is rejected', async () => {
    const hired = Array.from({ length: 10 }, (_, index) =>
      stack.directory.createUser({ displayName: `New Hire ${index}` }),
    );
    await stack.equal();
    const { users } = stack.directory.snapshot();
    const left = users.filter(({ state }) => state === 'active');
    expect(left).toHaveLength(20 + hired.length);
    for (const { id } of left) stack.directory.deleteUser(id);
    await until(async () => (await openHolds()).length > 0);
    const [hold] = await openHolds();
    await entraMirror('holds', 'reject', hold!.id, '--json');
    const kept = { 'mirror.kept.hold': hold!.id, 'mirror.state': 'active' as const };
    const { user } = stack.connections.mirror.collections.objects;
    await until(async () => (await user.countDocuments(kept)) > 0 && (await heldNow()) === 0);
    expect(await openHolds()).toEqual([]);
  });
});
