import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Log } from '../ops/log.ts';
import { createSettleLane } from './settle-lane.ts';
import type { Settlement } from './split.ts';
import { unlessAborted } from './unless-aborted.ts';

export type AnySettlement = Settlement | { kind: 'abandon' };

/** `refused` and `unanswered` messages come again once their locks have ended. */
export type Settled = 'settled' | 'refused' | 'unanswered';

/** It never rejects. */
export type Settle = (
  message: ServiceBusReceivedMessage,
  settlement: AnySettlement,
) => Promise<Settled>;

export const defaultAnswerMs = 5_000;

/** Settles the messages of one receiver, all through one lane. */
export function createSettle({
  receiver,
  log,
  answerMs = defaultAnswerMs,
}: {
  receiver: ServiceBusReceiver;
  log: Log;
  /** How long the broker may take to answer. */
  answerMs?: number;
}): Settle {
  const lane = createSettleLane();
  return async (message, settlement) => {
    // After a lost connection the SDK tries for long over the link that died.
    const late = AbortSignal.timeout(answerMs);
    try {
      const kind = settlement.kind === 'complete' ? 'complete' : 'other';
      const settled = lane(kind, () => settleOver(receiver, message, settlement));
      await unlessAborted(settled, late);
      return 'settled';
    } catch (error) {
      const { messageId } = message;
      log.warn({ err: error, messageId, wanted: settlement.kind }, 'message not settled');
      return late.aborted ? 'unanswered' : 'refused';
    }
  };
}

function settleOver(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  settlement: AnySettlement,
): Promise<void> {
  if (settlement.kind === 'complete') return receiver.completeMessage(message);
  if (settlement.kind === 'abandon') return receiver.abandonMessage(message);
  return receiver.deadLetterMessage(message, {
    deadLetterReason: settlement.reason.slice(0, 200),
    deadLetterErrorDescription: settlement.description.slice(0, 2_000),
  });
}
