import rhea from 'rhea';
import type { StoredMessage } from './message.ts';
import type { QueueCounts, QueueStore } from './queue-store.ts';

/** A message as a test looks at it; `body` is the bytes that were sent. */
export interface InspectedMessage {
  sequenceNumber: number;
  messageId: string;
  deliveryCount: number;
  body: Buffer;
  applicationProperties: Record<string, unknown>;
}

export interface QueueInspector {
  readonly counts: QueueCounts;
  /** Waiting, locked and scheduled messages, oldest first. */
  messages(): InspectedMessage[];
  deadLetters(): InspectedMessage[];
}

export function inspectQueue(queue: QueueStore): QueueInspector {
  return {
    get counts() {
      return queue.counts;
    },
    messages: () => queue.peek(0, Infinity).map(inspect),
    deadLetters: () => queue.dead.peek(0, Infinity).map(inspect),
  };
}

interface DecodedMessage {
  message_id: string;
  application_properties?: Record<string, unknown>;
  body: { content: Buffer };
}

function inspect({ sequenceNumber, deliveryCount, bare }: StoredMessage): InspectedMessage {
  const decoded = rhea.message.decode(bare) as unknown as DecodedMessage;
  return {
    sequenceNumber,
    deliveryCount,
    messageId: decoded.message_id,
    body: decoded.body.content,
    applicationProperties: decoded.application_properties ?? {},
  };
}
