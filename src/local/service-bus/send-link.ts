import type { Delivery, EventContext, Receiver } from 'rhea';
import { malformedMessage, messageTooLarge, queueFull, serverBusy } from './amqp-errors.ts';
import type { SendFaults } from './faults.ts';
import { parseTransfer } from './incoming-message.ts';
import type { Journal } from './journal.ts';
import type { IncomingMessage } from './message.ts';
import type { QueueStore } from './queue-store.ts';
import { confirm, formatOf, limitMessageSize, refuse } from './rhea-adapter.ts';

/** The limit of Service Bus's Standard tier, in bytes. */
const maxMessageBytes = 262_144;

const creditAtOnce = 1_000;
const creditStep = 250;

export interface SendLinkOptions {
  queue: QueueStore;
  journal: Journal;
  faults: SendFaults;
}

/** Serves a client's sender: what it sends is in the queue, and safe, before it is accepted. */
export function serveSender(receiver: Receiver, { queue, journal, faults }: SendLinkOptions): void {
  let settled = 0;
  limitMessageSize(receiver, maxMessageBytes);
  receiver.set_target(receiver.target);
  receiver.add_credit(creditAtOnce);

  receiver.on('message', ({ message, delivery }: EventContext) => {
    if (!message || !delivery) return;
    void take(message as unknown as Buffer, delivery).finally(replenish);
  });

  async function take(payload: Buffer, delivery: Delivery): Promise<void> {
    if (faults.delayMs > 0) await faults.delay();
    if (faults.refusal) return refuse(delivery, refusals[faults.refusal]);
    if (payload.length > maxMessageBytes)
      return refuse(delivery, messageTooLarge(payload.length, maxMessageBytes));
    const messages = parse(payload, delivery);
    if (typeof messages === 'string') return refuse(delivery, malformedMessage(messages));
    for (const message of faults.duplicate(messages)) queue.enqueue(message);
    await journal.committed();
    confirm(delivery);
  }

  // Credit comes back in steps, and early: a client without any sleeps for a whole second.
  function replenish(): void {
    settled += 1;
    if (settled < creditStep) return;
    receiver.add_credit(settled);
    settled = 0;
  }
}

const refusals = { busy: serverBusy, full: queueFull };

function parse(payload: Buffer, delivery: Delivery): IncomingMessage[] | string {
  try {
    return parseTransfer(payload, formatOf(delivery));
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
