import { describe, expect, it } from '@jest/globals';
import { startProgram } from '../support/mirror-process.ts';

describe('entra-mirror demo', () => {
  it('runs the whole flow, finds no difference and prints one JSON object', async () => {
    const args = ['demo', '--users', '60', '--groups', '8', '--changes', '60', '--seed', '5'];
    const demo = startProgram([...args, '--json'], {});
    expect(await demo.exited).toBe(0);
    const report = JSON.parse(demo.output()) as Record<string, number>;
    expect(report).toMatchObject({ differences: 0, lagMs: { p50: expect.any(Number) } });
    expect(report['users']).toBeGreaterThanOrEqual(60);
    expect(report['groups']).toBeGreaterThanOrEqual(8);
    expect(report['changes']).toBeGreaterThanOrEqual(60);
    expect(report['notifications']).toBeGreaterThanOrEqual(60);
    expect(report['graphRequests']).toBeGreaterThan(0);
    expect(report['memberships']).toBeGreaterThan(0);
  }, 180_000);

  it('plays Entra’s provisioning service to the end without a difference', async () => {
    const args = [
      'demo',
      'scim',
      '--users',
      '25',
      '--groups',
      '6',
      '--changes',
      '25',
      '--seed',
      '5',
    ];
    const demo = startProgram([...args, '--json'], {});
    expect(await demo.exited).toBe(0);
    const report = JSON.parse(demo.output()) as Record<string, number>;
    expect(report).toMatchObject({ differences: 0, rotated: true });
    expect(report['users']).toBeGreaterThanOrEqual(20);
    expect(report['groups']).toBeGreaterThanOrEqual(4);
    expect(report['memberships']).toBeGreaterThan(0);
    for (const cycle of ['initial', 'incremental', 'restore']) {
      expect(report[cycle]).toMatchObject({ requests: expect.any(Number) });
    }
  }, 180_000);
});
