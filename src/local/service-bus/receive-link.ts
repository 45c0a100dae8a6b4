import type { Delivery, EventContext, Sender } from 'rhea';
import { lockLost, notOffered } from './amqp-errors.ts';
import { tagOf, tokenOfTag } from './lock-token.ts';
import type { MessageBox } from './message-box.ts';
import { encodeDelivery } from './outgoing-message.ts';
import { confirm, onSocketClosed, refuse, SendCredit, sendEncoded } from './rhea-adapter.ts';

/** Serves a client's receiver in peek-lock mode: one locked message for each credit that it gives. */
export function serveReceiver(sender: Sender, box: MessageBox): void {
  const credit = new SendCredit(sender);
  sender.set_source(sender.source);

  const stopListening = box.onReady(pump);
  const stopWatching = onSocketClosed(sender.connection, stopListening);
  for (const end of ['sender_close', 'session_close']) {
    sender.on(end, () => {
      stopListening();
      stopWatching();
    });
  }

  sender.on('sender_flow', pump);
  sender.on('sendable', pump);
  sender.on('sender_draining', () => {
    pump();
    sender.set_drained(true);
  });
  sender.on(
    'accepted',
    settleBy((token) => box.complete(token)),
  );
  sender.on(
    'released',
    settleBy((token) => box.release(token)),
  );
  sender.on(
    'rejected',
    settleBy((token, outcome) => box.deadLetter(token, outcome.error?.info ?? {})),
  );
  sender.on('modified', (context: EventContext) => {
    const { delivery } = context;
    if (delivery && outcomeOf(delivery).undeliverable_here)
      refuse(delivery, notOffered('deferred messages'));
    else abandon(context);
  });
  const abandon = settleBy((token, outcome) =>
    box.abandon(token, outcome.message_annotations ?? {}),
  );

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

/** The parts of an outcome that Service Bus gives a meaning. */
interface ClientOutcome {
  error?: { info?: Record<string, unknown> | null } | null;
  undeliverable_here?: boolean | null;
  message_annotations?: Record<string, unknown> | null;
}

function settleBy(settle: (token: string, outcome: ClientOutcome) => boolean) {
  return ({ delivery }: EventContext): void => {
    if (!delivery) return;
    const { tag } = delivery;
    if (Buffer.isBuffer(tag) && settle(tokenOfTag(tag), outcomeOf(delivery))) confirm(delivery);
    else refuse(delivery, lockLost);
  };
}

function outcomeOf({ remote_state }: Delivery): ClientOutcome {
  return remote_state ?? {};
}
