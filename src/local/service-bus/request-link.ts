import rhea, { type EventContext, type Receiver, type Sender, type Session } from 'rhea';
import { malformedMessage } from './amqp-errors.ts';
import { confirm, sendEncoded, sendSettled } from './rhea-adapter.ts';

export interface Request {
  operation: string | undefined;
  body: unknown;
}

export interface Reply {
  applicationProperties: Record<string, string | number>;
  body?: unknown;
}

/** Answers requests; the replies travel on the other link of the same session. */
export class RequestNode {
  readonly #replySenders = new WeakMap<Session, Sender>();
  readonly #answer: (request: Request) => Reply | Promise<Reply>;

  constructor(answer: (request: Request) => Reply | Promise<Reply>) {
    this.#answer = answer;
  }

  serveReplies(sender: Sender): void {
    sendSettled(sender);
    sender.set_source(sender.source);
    this.#replySenders.set(sender.session, sender);
  }

  serveRequests(receiver: Receiver): void {
    receiver.set_target(receiver.target);
    receiver.set_credit_window(requestWindow);
    receiver.add_credit(requestWindow);
    receiver.on('message', (context: EventContext) => {
      this.#handle(receiver, context).catch((error: unknown) =>
        receiver.close(malformedMessage(String(error))),
      );
    });
  }

  async #handle(receiver: Receiver, { message, delivery }: EventContext): Promise<void> {
    if (!message || !delivery) return;
    const request = rhea.message.decode(message as unknown as Buffer) as RequestMessage;
    confirm(delivery);
    const { applicationProperties, body } = await this.#answer({
      operation: request.application_properties?.operation,
      body: request.body,
    });
    const reply = rhea.message.encode({
      correlation_id: request.message_id,
      application_properties: applicationProperties,
      body,
    });
    const sender = this.#replySenders.get(receiver.session);
    if (sender?.is_open()) sendEncoded(sender, reply);
  }
}

const requestWindow = 100;

interface RequestMessage {
  message_id?: string;
  application_properties?: { operation?: string };
  body?: unknown;
}
