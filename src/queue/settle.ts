import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Log } from '../ops/log.ts';
import { createSettleLane, type SettleLane } from './settle-lane.ts';
import type { Settlement } from './split.ts';
import { unlessAborted } from './unless-aborted.ts';

/** `true` where the broker took the settlement. It never rejects: an unsettled message comes again. */
export type Settle = (
  message: ServiceBusReceivedMessage,
  settlement: Settlement | { kind: 'abandon' },
) => Promise<boolean>;

/** Settles the messages of one receiver, all through one lane. */
export function createSettle(
  receiver: Pick<ServiceBusReceiver, 'completeMessage' | 'abandonMessage' | 'deadLetterMessage'>,
  log: Log,
  lane: SettleLane = createSettleLane(),
): Settle {
  return async (message, settlement) => {
    try {
      const settled = lane(settlement.kind === 'complete' ? 'complete' : 'other', () => {
        if (settlement.kind === 'complete') return receiver.completeMessage(message);
        if (settlement.kind === 'abandon') return receiver.abandonMessage(message);
        return receiver.deadLetterMessage(message, {
          deadLetterReason: settlement.reason.slice(0, 200),
          deadLetterErrorDescription: settlement.description.slice(0, 2_000),
        });
      });
      await unlessAborted(settled, AbortSignal.timeout(settleMs));
      return true;
    } catch (error) {
      const { messageId } = message;
      log.warn({ err: error, messageId, wanted: settlement.kind }, 'message not settled');
      return false;
    }
  };
}

/** After a lost connection the SDK tries for long to settle over the link that died; the message comes again anyway. */
const settleMs = 5_000;
