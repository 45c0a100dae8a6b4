import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** The one logger of a process. Ids only: no property of a person and no secret is ever passed to it. */
export function createLog(options: { level?: string; destination?: DestinationStream } = {}): Log {
  const { level = 'info', destination } = options;
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError },
    redact: {
      paths: ['authorization', '*.authorization', 'clientState', '*.clientState', '*.secret'],
      censor: '[redacted]',
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/**
 * What an error says and where it was thrown. Nothing else that a library hung onto it: a failed bulk
 * write carries the documents, a refused token the request.
 */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    ...{ type: name, message, stack },
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause instanceof Error && { cause: plainError(cause) }),
  };
}

export const silentLog: Log = createLog({ level: 'silent' });
