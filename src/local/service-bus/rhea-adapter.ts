import type { Socket } from 'node:net';
import rhea, {
  type Connection,
  type Container,
  type Delivery,
  type Receiver,
  type Sender,
  type Session,
} from 'rhea';
import type { BusError } from './amqp-errors.ts';

// Everything that rhea does not publish is used here and nowhere else; `checkRhea` says at start whether it still fits.
interface ConnectionInternals {
  socket: Socket;
  accept(socket: Socket): unknown;
  create_session(): SessionInternals;
  _disconnected(): void;
}
interface SessionInternals {
  on_transfer(frame: TransferFrame): void;
  create_sender(name: string): SenderInternals;
}
interface TransferFrame {
  performative: { message_format?: number | null };
}
interface LinkInternals {
  local: { attach: { max_message_size?: number; snd_settle_mode?: number } };
}
interface SenderInternals extends LinkInternals {
  credit: number;
  delivery_count: number;
  _draining: boolean;
  _get_drain(): boolean;
}
interface DeliveryInternals {
  remote_settled: boolean;
}
interface Outcomes {
  accepted(): { described(): unknown };
  rejected(fields: { error: BusError }): { described(): unknown };
}

const outcomes = rhea.message as unknown as Outcomes;

/** Throws when this version of rhea is not the one that the adapter was written for. */
export function checkRhea(): void {
  const connection = internals(rhea.create_container().create_connection({ port: 0 }));
  const session = connection.create_session();
  const sender = session.create_sender('check');
  const fits =
    typeof connection.accept === 'function' &&
    typeof connection._disconnected === 'function' &&
    typeof session.on_transfer === 'function' &&
    typeof sender.credit === 'number' &&
    typeof sender.delivery_count === 'number' &&
    typeof sender._draining === 'boolean' &&
    typeof sender._get_drain === 'function' &&
    typeof sender.local.attach === 'object' &&
    typeof outcomes.accepted === 'function' &&
    typeof outcomes.rejected === 'function';
  if (!fits)
    throw new Error(
      'The local Service Bus needs rhea 3.0.5: install the version that package.json names.',
    );
}

export function acceptSocket(container: Container, socket: Socket): Connection {
  const connection = container.create_connection(connectionOptions);
  socket.setMaxListeners(0);
  internals(connection).accept(socket);
  // rhea hears of a socket's polite end only; without this its heartbeat outlives a destroyed one.
  socket.on('close', () => internals(connection)._disconnected());
  return connection;
}

/** Calls `listener` when the connection's socket is gone. */
export function onSocketClosed(connection: Connection, listener: () => void): void {
  internals(connection).socket.on('close', listener);
}

const standardFormat = 0;
const undecodedFormat = 0x7fffffff;

/** Makes the session hand every message over as it came: rhea decodes whatever has the standard format. */
export function keepPayloadsRaw(session: Session): void {
  const internal = session as unknown as SessionInternals;
  const onTransfer = internal.on_transfer.bind(session);
  internal.on_transfer = (frame) => {
    if (frame.performative.message_format === standardFormat)
      frame.performative.message_format = undecodedFormat;
    onTransfer(frame);
  };
}

export function formatOf({ format }: Delivery): number {
  return format === undecodedFormat ? standardFormat : format;
}

/** Sends bytes that are an encoded message already. */
export function sendEncoded(sender: Sender, encoded: Buffer, tag?: Buffer): void {
  sender.send(encoded, tag, standardFormat);
}

export function limitMessageSize(receiver: Receiver, bytes: number): void {
  (receiver as unknown as LinkInternals).local.attach.max_message_size = bytes;
}

/** Lets the link send settled: an answer that waits for its disposition costs a delayed ACK. */
export function sendSettled(sender: Sender): void {
  (sender as unknown as LinkInternals).local.attach.snd_settle_mode = 1;
}

/** A sender's credit: rhea lowers its own only when frames are written, so that one turn could send too much. */
export class SendCredit {
  readonly #sender: SenderInternals;
  #used = 0;

  constructor(sender: Sender) {
    this.#sender = sender as unknown as SenderInternals;
    // rhea answers a drain only while there is credit; the client waits for an answer in any case.
    this.#sender._get_drain = () => this.#drain();
  }

  get available(): number {
    return this.#sender.delivery_count + this.#sender.credit - this.#used;
  }

  use(): void {
    this.#used += 1;
  }

  #drain(): boolean {
    if (!this.#sender._draining) return false;
    const unused = this.available;
    this.#sender.delivery_count += unused;
    this.#sender.credit -= unused;
    this.#used += unused;
    return true;
  }
}

/** Settles a delivery that the client has given an outcome; it leaves rhea's buffer with that. */
export function confirm(delivery: Delivery): void {
  delivery.update(true, outcomes.accepted().described());
  forget(delivery);
}

/**
 * Settles with an error, in a frame of its own: rhea merges the outcomes of one turn
 * and may give the second one the state of the first.
 */
export function refuse(delivery: Delivery, error: BusError): void {
  setImmediate(() => {
    delivery.update(true, outcomes.rejected({ error }).described());
    forget(delivery);
  });
}

function forget(delivery: Delivery): void {
  if (delivery.link.is_sender()) (delivery as DeliveryInternals).remote_settled = true;
}

const connectionOptions = {
  port: 0,
  reconnect: false,
  tcp_no_delay: true,
  max_frame_size: 65_536,
  sender_options: { autosettle: false, treat_modified_as_released: false },
  receiver_options: { autoaccept: false, autosettle: false, credit_window: 0 },
};

function internals(connection: Connection): ConnectionInternals {
  return connection as unknown as ConnectionInternals;
}
