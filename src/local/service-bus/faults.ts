import { setTimeout as delay } from 'node:timers/promises';

/** Troubles of the send path that a test may ask for. */
export class SendFaults {
  /** `busy` is worth a retry, `full` is not. */
  refusal: 'busy' | 'full' | undefined;
  delayMs = 0;
  #duplicates = 0;

  delay(): Promise<void> {
    return delay(this.delayMs);
  }

  duplicateNext(count: number): void {
    this.#duplicates += count;
  }

  /** The messages, the next ones that were asked for twice. */
  duplicate<Message>(messages: readonly Message[]): Message[] {
    return messages.flatMap((message) => {
      if (this.#duplicates === 0) return [message];
      this.#duplicates -= 1;
      return [message, message];
    });
  }
}
