import type { EventContext, Receiver } from 'rhea';
import {
  malformedMessage,
  messageTooLarge,
  notStored,
  queueFull,
  serverBusy,
  type BusError,
} from './amqp-errors.ts';
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

interface SendTarget {
  queue: QueueStore;
  journal: Journal;
  faults: SendFaults;
}

/** Serves a client's sender: what it sends is in the queue, and safe, before it is accepted. */
export function serveSender(receiver: Receiver, target: SendTarget): void {
  let settled = 0;
  limitMessageSize(receiver, maxMessageBytes);
  receiver.set_target(receiver.target);
  receiver.add_credit(creditAtOnce);

  receiver.on('message', ({ message, delivery }: EventContext) => {
    if (!message || !delivery) return;
    void take(target, message as unknown as Buffer, formatOf(delivery)).then((error) => {
      if (error) refuse(delivery, error);
      else confirm(delivery);
      replenish();
    });
  });

  // Credit comes back in steps, and early: a client without any sleeps for a whole second.
  function replenish(): void {
    settled += 1;
    if (settled < creditStep) return;
    receiver.add_credit(settled);
    settled = 0;
  }
}

const refusals = { busy: serverBusy, full: queueFull };

async function take(
  { queue, journal, faults }: SendTarget,
  payload: Buffer,
  format: number,
): Promise<BusError | undefined> {
  if (faults.delayMs > 0) await faults.delay();
  if (faults.refusal) return refusals[faults.refusal];
  if (payload.length > maxMessageBytes) return messageTooLarge(payload.length, maxMessageBytes);
  const messages = parse(payload, format);
  if (!Array.isArray(messages)) return messages;
  for (const message of faults.duplicate(messages)) queue.enqueue(message);
  return journal.committed().then(
    () => undefined,
    (error: unknown) => notStored(String(error)),
  );
}

function parse(payload: Buffer, format: number): IncomingMessage[] | BusError {
  try {
    return parseTransfer(payload, format);
  } catch (error) {
    return malformedMessage(String(error));
  }
}
