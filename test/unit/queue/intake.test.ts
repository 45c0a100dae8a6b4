import type { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it } from '@jest/globals';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultConsumerLimits } from '../../../src/queue/consumer-limits.ts';
import { createIntake } from '../../../src/queue/intake.ts';

/** A client whose first receiver cannot be told to stop, as over a connection that broke unnoticed. */
function clientWithBrokenReceiver() {
  const journal: string[] = [];
  let receivers = 0;
  const createReceiver = () => {
    const name = `receiver ${++receivers}`;
    const stop = async () => {
      journal.push(`${name} stops`);
      if (name === 'receiver 1') throw new Error('operation timeout');
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
  it('stops by a new receiver where the old one does not, and starts again with that', async () => {
    const { client, journal } = clientWithBrokenReceiver();
    const intake = createIntake({
      ...{ client, queueName: 'changes', limits: defaultConsumerLimits, log: silentLog },
    });
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
