import type { AmqpError } from 'rhea';

/** The errors of Service Bus that the client library knows by their conditions and texts. */
export type BusError = Required<Pick<AmqpError, 'condition' | 'description'>>;

export const lockLost: BusError = {
  condition: 'com.microsoft:message-lock-lost',
  description:
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
};

export const serverBusy: BusError = {
  condition: 'com.microsoft:server-busy',
  description: 'The server is busy. Try again later.',
};

export const queueFull: BusError = {
  condition: 'amqp:resource-limit-exceeded',
  description: 'The queue takes no messages: its quota is used up.',
};

export function entityNotFound(address: string): BusError {
  return {
    condition: 'amqp:not-found',
    description: `The messaging entity '${address}' could not be found.`,
  };
}

export function messageTooLarge(size: number, limit: number): BusError {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `The message has ${size} bytes; the limit is ${limit} bytes.`,
  };
}

export function malformedMessage(reason: string): BusError {
  return { condition: 'amqp:decode-error', description: reason };
}

export function notOffered(what: string): BusError {
  return {
    condition: 'amqp:not-implemented',
    description: `The local Service Bus does not offer ${what}.`,
  };
}

export function notStored(reason: string): BusError {
  return { condition: 'amqp:internal-error', description: `The message was not stored: ${reason}` };
}
