import { failure, type GraphReply } from './exchange.ts';

/** A 400 that names the property it is about, as observed of Graph. */
export function refuseProperty(message: string, code: string, target: string): GraphReply {
  const reply = failure(400, 'Request_BadRequest', message);
  const details = [{ code, message, target }];
  const { error } = reply.body as { error: object };
  return { ...reply, body: { error: { ...error, details } } };
}

export const invalidValue = (name: string): GraphReply =>
  refuseProperty(
    `Invalid value specified for property '${name}' of resource 'User'.`,
    'InvalidValue',
    name,
  );

export const conflictOf = (name: string): GraphReply =>
  refuseProperty(
    `Another object with the same value for property ${name} already exists.`,
    'ObjectConflict',
    name,
  );
