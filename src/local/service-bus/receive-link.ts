import type { Delivery, EventContext, Sender } from 'rhea';
import { lockLost, notOffered, type BusError } from './amqp-errors.ts';
import { tagOf, tokenOfTag } from './lock-token.ts';
import type { MessageBox } from './message-box.ts';
import { encodeDelivery } from './outgoing-message.ts';
import { confirm, onSocketClosed, refuse, SendCredit, sendEncoded } from './rhea-adapter.ts';

/** Serves a client's receiver in peek-lock mode: one locked message for each credit that it gives. */
export function serveReceiver(sender: Sender, box: MessageBox): void {
  sender.set_source(sender.source);
  deliver(sender, box);
  settle(sender, box);
}

function deliver(sender: Sender, box: MessageBox): void {
  const credit = new SendCredit(sender);
  const stop = box.onReady(pump);
  sender.on('sender_close', stop);
  sender.session.on('session_close', stop);
  onSocketClosed(sender.connection, stop);

  sender.on('sender_flow', pump);
  sender.on('sendable', pump);
  sender.on('sender_draining', () => {
    pump();
    sender.set_drained(true);
  });

  function pump(): void {
    while (credit.available > 0 && sender.sendable()) {
      const lock = box.take();
      if (!lock) return;
      credit.use();
      const bytes = encodeDelivery(lock.message, { lockedUntil: lock.until });
      sendEncoded(sender, bytes, tagOf(lock.token));
    }
  }
}

function settle(sender: Sender, box: MessageBox): void {
  const settlements: Record<string, Settlement> = {
    accepted: (token) => box.complete(token),
    released: (token) => box.release(token),
    rejected: (token, { error }) => box.deadLetter(token, error?.info ?? {}),
    modified: (token, { undeliverable_here: isDeferral, message_annotations: properties }) =>
      isDeferral ? notOffered('deferred messages') : box.abandon(token, properties ?? {}),
  };
  for (const [outcome, perform] of Object.entries(settlements))
    sender.on(outcome, ({ delivery }: EventContext) => answer(delivery, perform));
}

/** Performs what the client asked for; false means that the lock is lost. */
type Settlement = (token: string, outcome: ClientOutcome) => boolean | BusError;

/** The parts of an outcome that Service Bus gives a meaning. */
interface ClientOutcome {
  error?: { info?: Record<string, unknown> | null } | null;
  undeliverable_here?: boolean | null;
  message_annotations?: Record<string, unknown> | null;
}

function answer(delivery: Delivery | undefined, perform: Settlement): void {
  if (!delivery || !Buffer.isBuffer(delivery.tag)) return;
  const result = perform(tokenOfTag(delivery.tag), delivery.remote_state ?? {});
  if (result === true) confirm(delivery);
  else refuse(delivery, result || lockLost);
}
