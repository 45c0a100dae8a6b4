import rhea, { type Container, type EventContext, type Receiver, type Sender } from 'rhea';
import { entityNotFound, notOffered, type BusError } from './amqp-errors.ts';
import type { SendFaults } from './faults.ts';
import type { Journal } from './journal.ts';
import { manage } from './management.ts';
import type { MessageBox } from './message-box.ts';
import type { QueueStore } from './queue-store.ts';
import { serveReceiver } from './receive-link.ts';
import { RequestNode, type Reply } from './request-link.ts';
import { keepPayloadsRaw } from './rhea-adapter.ts';
import { serveSender } from './send-link.ts';

interface BrokerOptions {
  queues: readonly QueueStore[];
  journal: Journal;
  faults: SendFaults;
}

/** The AMQP container of the local Service Bus: it serves the links of the connections that it is given. */
export function createBroker(options: BrokerOptions): Container {
  const nodes = createNodes(options);
  const container = rhea.create_container({ id: 'local-service-bus' });
  container.on('session_open', ({ session }: EventContext) => {
    if (session) keepPayloadsRaw(session);
  });
  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver) openFor(receiver, receiver.target.address, (node) => node.takeFrom);
  });
  container.on('sender_open', ({ sender }: EventContext) => {
    if (sender) openFor(sender, sender.source.address, (node) => node.giveTo);
  });
  for (const event of harmlessEvents) container.on(event, () => undefined);
  return container;

  function openFor<Link extends Receiver | Sender>(
    link: Link,
    address: string,
    serviceOf: (node: Node) => Service<Link>,
  ): void {
    const node = nodes.get(address.toLowerCase());
    const error = node ? serviceOf(node)(link) : entityNotFound(address);
    // rhea has opened our end already: the client sees the link open and close, as from Service Bus.
    if (error) link.close(error);
  }
}

/** Serves a link, or says why not. */
type Service<Link> = (link: Link) => BusError | undefined;

/** What an address stands for: `takeFrom` serves a client's sender, `giveTo` a client's receiver. */
interface Node {
  takeFrom: Service<Receiver>;
  giveTo: Service<Sender>;
}

function createNodes({ queues, journal, faults }: BrokerOptions): Map<string, Node> {
  const nodes: [string, Node][] = [['$cbs', requestNode(acceptToken)]];
  for (const queue of queues) {
    const path = queue.settings.name.toLowerCase();
    const deadPath = `${path}/$deadletterqueue`;
    const takeFrom = (receiver: Receiver) => serveSender(receiver, { queue, journal, faults });
    nodes.push(
      [path, { takeFrom: served(takeFrom), giveTo: (sender) => give(sender, queue.active) }],
      [deadPath, { takeFrom: () => noSender, giveTo: (sender) => give(sender, queue.dead) }],
      [`${path}/$management`, managementNode(queue, queue.active, journal)],
      [`${deadPath}/$management`, managementNode(queue, queue.dead, journal)],
    );
  }
  return new Map(nodes);
}

const noSender: BusError = {
  condition: 'amqp:not-allowed',
  description: 'Nothing can be sent to a dead-letter queue.',
};

const sessionFilter = 'com.microsoft:session-filter';

function give(sender: Sender, box: MessageBox): BusError | undefined {
  if (sessionFilter in (sender.source.filter ?? {})) return notOffered('sessions');
  if (sender.snd_settle_mode === 1) return notOffered('the receive-and-delete mode');
  serveReceiver(sender, box);
  return undefined;
}

function managementNode(queue: QueueStore, box: MessageBox, journal: Journal): Node {
  return requestNode((request) => manage({ queue, box, journal }, request));
}

function requestNode(answer: ConstructorParameters<typeof RequestNode>[0]): Node {
  const node = new RequestNode(answer);
  return {
    takeFrom: served((receiver) => node.serveRequests(receiver)),
    giveTo: served((sender) => node.serveReplies(sender)),
  };
}

/** Claims-based security. On a loopback address every token will do. */
function acceptToken(): Reply {
  return { applicationProperties: { 'status-code': 202, 'status-description': 'Accepted' } };
}

function served<Link>(serve: (link: Link) => void): Service<Link> {
  return (link) => {
    serve(link);
    return undefined;
  };
}

// rhea raises an error for each of these that nobody listens to.
const harmlessEvents = [
  'error',
  'protocol_error',
  'connection_error',
  'connection_close',
  'disconnected',
  'session_error',
  'session_close',
  'sender_error',
  'sender_close',
  'receiver_error',
  'receiver_close',
];
