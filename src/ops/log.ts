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
    redact: {
      paths: ['authorization', '*.authorization', 'clientState', '*.clientState', '*.secret'],
      censor: '[redacted]',
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

export const silentLog: Log = createLog({ level: 'silent' });
