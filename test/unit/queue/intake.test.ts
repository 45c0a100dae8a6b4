import type { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it } from '@jest/globals';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultConsumerLimits } from '../../../src/queue/consumer-limits.ts';
import { createIntake } from '../../../src/queue/intake.ts';

/** A client whose first receiver cannot be told to stop, as over a connection that broke unnoticed. */
function clientWithBrokenReceiver(stopBroken: () => Promise<void>) {
  const journal: string[] = [];
  let receivers = 0;
  const createReceiver = () => {
    const name = `receiver ${++receivers}`;
    const stop = async () => {
      journal.push(`${name} stops`);
      if (name === 'receiver 1') await stopBroken();
    };
    return {
      subscribe: () => {
        journal.push(`${name} subscribes`);
        return { close: stop };
      },
      close: async () => void journal.push(`${name} closes`),
    };
  };
  return { client: { createReceiver } as unknown as ServiceBusClient, journal };
}

describe('the intake', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('operation timeout'))],
    ['never ends', () => new Promise<void>(() => undefined)],
  ])('stops by a new receiver where the stop of the old one %s', async (_name, stopBroken) => {
    const { client, journal } = clientWithBrokenReceiver(stopBroken);
    const limits = { ...defaultConsumerLimits, answerMs: 20 };
    const intake = createIntake({ client, queueName: 'changes', limits, log: silentLog });
    intake.start(async () => undefined);
    await intake.stop();
    intake.start(async () => undefined);
    expect(journal).toEqual([
      'receiver 1 subscribes',
      'receiver 1 stops',
      'receiver 1 closes',
      'receiver 2 subscribes',
    ]);
  });
});
