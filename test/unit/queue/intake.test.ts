import { describe, expect, it } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultConsumerLimits } from '../../../src/queue/consumer-limits.ts';
import { createIntake } from '../../../src/queue/intake.ts';

/** Over a broken connection the SDK's closing neither ends nor fails. */
function brokenClient() {
  const subscribed: number[] = [];
  let receivers = 0;
  const never = () => new Promise<void>(() => undefined);
  const createReceiver = () => {
    const number = ++receivers;
    const subscribe = () => {
      subscribed.push(number);
      return { close: never };
    };
    return { subscribe, close: never };
  };
  return { client: { createReceiver } as unknown as ServiceBusClient, subscribed };
}

describe('the intake', () => {
  it('5.2: stops over a broken connection too, and starts again with a receiver of its own', async () => {
    const { client, subscribed } = brokenClient();
    const limits = { ...defaultConsumerLimits, answerMs: 20 };
    const intake = createIntake({ client, queueName: 'q', limits, log: silentLog });
    intake.start(async () => undefined);
    await intake.stop();
    intake.start(async () => undefined);
    expect(subscribed).toEqual([1, 2]);
  });
});
