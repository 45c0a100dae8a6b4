import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

type SequenceNumber = NonNullable<ServiceBusReceivedMessage['sequenceNumber']>;

/** The service's own limit for one answer. */
const pageSize = 250;

/**
 * The SDK begins after the last message that anybody peeked unless told a number of a type that it does not
 * export. So the number to begin at is made of the first one seen; until then nothing has been peeked.
 */
let zero: SequenceNumber | undefined;

/** Looks at up to `limit` messages from the oldest on, without locking any. */
export async function* peekAll(
  receiver: ServiceBusReceiver,
  limit: number,
  abortSignal?: AbortSignal,
): AsyncGenerator<ServiceBusReceivedMessage> {
  const signal = abortSignal ? { abortSignal } : {};
  let from = zero;
  for (let left = limit; left > 0;) {
    const begin = from ? { fromSequenceNumber: from } : {};
    const page = await receiver.peekMessages(Math.min(left, pageSize), { ...begin, ...signal });
    const last = page.at(-1)?.sequenceNumber;
    if (!last) return;
    zero ??= last.sub(last);
    from = last.add(1);
    left -= page.length;
    yield* page;
  }
}
