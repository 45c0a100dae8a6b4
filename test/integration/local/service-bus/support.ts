import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import type { LocalServiceBus } from '../../../../src/local/service-bus/server.ts';

export function connect({ connectionString }: LocalServiceBus): ServiceBusClient {
  const retryOptions = { maxRetries: 1, retryDelayInMs: 50, timeoutInMs: 5_000 };
  return new ServiceBusClient(connectionString, { retryOptions });
}

export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  if (!message) throw new Error('no message came');
  return message;
}

/** A clock that tests move forward. */
export function movableClock(): { now(): number; advance(ms: number): void } {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (ms) => {
      ahead += ms;
    },
  };
}
