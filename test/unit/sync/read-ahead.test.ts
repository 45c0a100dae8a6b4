import { describe, expect, it } from '@jest/globals';
import { defaultTimings } from '../../../src/ops/timings.ts';
import { createReadAhead } from '../../../src/sync/read-ahead.ts';

function readAhead() {
  const clock = { at: 0, now: () => clock.at, sleep: async () => undefined };
  const read: string[] = [];
  const reading = (name: string) => async () => {
    read.push(name);
    return name;
  };
  const ahead = createReadAhead<string>({ clock, timings: defaultTimings });
  return { clock, read, reading, ahead };
}

describe('what is read ahead', () => {
  it('is taken once, without another read', async () => {
    const { read, reading, ahead } = readAhead();
    ahead.begin('second', reading('ahead'));
    expect(await ahead.take('second', reading('now'))).toBe('ahead');
    expect(await ahead.take('second', reading('now'))).toBe('now');
    expect(read).toEqual(['ahead', 'now']);
  });

  it('is given up where another piece is wanted', async () => {
    const { reading, ahead } = readAhead();
    ahead.begin('second', reading('ahead'));
    expect(await ahead.take(undefined, reading('first again'))).toBe('first again');
    expect(await ahead.take('second', reading('now'))).toBe('now');
  });

  it('is read again where it is too old to be written (rule 1.2)', async () => {
    const { clock, reading, ahead } = readAhead();
    ahead.begin('second', reading('ahead'));
    clock.at = defaultTimings.staleReadMs + 1;
    expect(await ahead.take('second', reading('now'))).toBe('now');
  });

  it('fails where it is taken, not before', async () => {
    const { reading, ahead } = readAhead();
    ahead.begin('second', () => Promise.reject(new Error('Graph is away')));
    await new Promise(setImmediate);
    await expect(ahead.take('second', reading('now'))).rejects.toThrow('Graph is away');
  });
});
