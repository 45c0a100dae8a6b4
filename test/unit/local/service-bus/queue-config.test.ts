import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueSettings, readQueueFile } from '../../../../src/local/service-bus/queue-config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'queue-config-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(namespace: object): string {
  const path = join(folder, 'config.json');
  writeFileSync(
    path,
    JSON.stringify({ UserConfig: { Namespaces: [{ Name: 'sbemulatorns', ...namespace }] } }),
  );
  return path;
}

describe('the queue file', () => {
  it('that the project ships describes the queues of the product', () => {
    const asTheEmulatorAllows = {
      lockMs: 300_000,
      maxDeliveryCount: 10,
      timeToLiveMs: 3_600_000,
      deadLetterOnExpiration: true,
    };
    expect(readQueueFile('infra/service-bus/config.json')).toEqual([
      { name: 'directory-changes', ...asTheEmulatorAllows },
      { name: 'hr-changes', ...asTheEmulatorAllows },
    ]);
  });

  it('has the defaults of the emulator', () => {
    expect(readQueueFile(fileWith({ Queues: [{ Name: 'q' }], Topics: [] }))).toEqual([
      {
        name: 'q',
        lockMs: 60_000,
        maxDeliveryCount: 3,
        timeToLiveMs: 3_600_000,
        deadLetterOnExpiration: false,
      },
    ]);
  });

  it('takes days, hours, minutes and seconds', () => {
    const path = fileWith({ Queues: [{ Name: 'q', Properties: { LockDuration: 'P1DT2H3M4S' } }] });
    expect(readQueueFile(path)[0]?.lockMs).toBe(((24 + 2) * 60 + 3) * 60_000 + 4_000);
  });

  it.each([
    ['topics', { Queues: [], Topics: [{ Name: 't' }] }, /queues only/],
    [
      'sessions',
      { Queues: [{ Name: 'q', Properties: { RequiresSession: true } }] },
      /set it to false/,
    ],
    [
      'duplicate detection',
      { Queues: [{ Name: 'q', Properties: { RequiresDuplicateDetection: true } }] },
      /set it to false/,
    ],
    [
      'a duration it cannot read',
      { Queues: [{ Name: 'q', Properties: { LockDuration: '5 min' } }] },
      /PT5M/,
    ],
  ])('is refused with advice where it asks for %s', (_, namespace, advice) => {
    expect(() => readQueueFile(fileWith(namespace))).toThrow(advice);
  });
});

describe('a queue of a program', () => {
  it('may go beyond the limits of the emulator', () => {
    expect(queueSettings({ name: 'q', maxDeliveryCount: 100 })).toEqual({
      name: 'q',
      lockMs: 60_000,
      maxDeliveryCount: 100,
      timeToLiveMs: 1_209_600_000,
      deadLetterOnExpiration: true,
    });
  });
});
