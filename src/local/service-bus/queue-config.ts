import { readFileSync } from 'node:fs';
import { z } from 'zod';

const second = 1_000;
const day = 24 * 60 * 60 * second;

/** A queue as a program asks for it. Durations are milliseconds. */
export interface QueueConfig {
  name: string;
  /** Default: one minute. */
  lockMs?: number;
  /** Default: 10. */
  maxDeliveryCount?: number;
  /** Default: 14 days. */
  timeToLiveMs?: number;
  /** Default: true. */
  deadLetterOnExpiration?: boolean;
}

export type QueueSettings = Required<QueueConfig>;

export function queueSettings(config: QueueConfig): QueueSettings {
  return {
    lockMs: 60 * second,
    maxDeliveryCount: 10,
    timeToLiveMs: 14 * day,
    deadLetterOnExpiration: true,
    ...config,
  };
}

/** Reads the queues of a config.json of Microsoft's Service Bus emulator; throws saying what to change. */
export function readQueueFile(path: string): QueueConfig[] {
  const found = emulatorFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!found.success)
    throw new Error(
      `${path} is no queue file of the Service Bus emulator:\n${z.prettifyError(found.error)}`,
    );
  return found.data.UserConfig.Namespaces.flatMap(({ Queues }) => Queues.map(toQueueConfig));
}

const notOffered = 'The local Service Bus does not offer this: set it to false.';
const duration = z
  .string()
  .regex(/^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/, 'must be a duration such as PT5M or P14D')
  .transform(durationMs);

// The defaults are those of the emulator.
const queueProperties = z.object({
  LockDuration: duration.default(60 * second),
  DefaultMessageTimeToLive: duration.default(60 * 60 * second),
  MaxDeliveryCount: z.int().positive().default(3),
  DeadLetteringOnMessageExpiration: z.boolean().default(false),
  RequiresSession: z.literal(false, notOffered).optional(),
  RequiresDuplicateDetection: z.literal(false, notOffered).optional(),
});

const emulatorFile = z.object({
  UserConfig: z.object({
    Namespaces: z
      .array(
        z.object({
          Name: z.string(),
          Queues: z.array(
            z.object({
              Name: z.string().min(1),
              Properties: queueProperties.prefault({}),
            }),
          ),
          Topics: z
            .array(z.unknown())
            .max(0, 'The local Service Bus offers queues only: leave Topics empty.')
            .default([]),
        }),
      )
      .length(1, 'must hold exactly one namespace'),
  }),
});

type EmulatorQueue = z.infer<
  typeof emulatorFile
>['UserConfig']['Namespaces'][number]['Queues'][number];

function toQueueConfig({ Name, Properties }: EmulatorQueue): QueueConfig {
  return {
    name: Name,
    lockMs: Properties.LockDuration,
    maxDeliveryCount: Properties.MaxDeliveryCount,
    timeToLiveMs: Properties.DefaultMessageTimeToLive,
    deadLetterOnExpiration: Properties.DeadLetteringOnMessageExpiration,
  };
}

function durationMs(text: string): number {
  const unitMs = { D: day, H: 60 * 60 * second, M: 60 * second, S: second };
  return [...text.matchAll(/(\d+)([DHMS])/g)].reduce(
    (total, [, count, unit]) => total + Number(count) * unitMs[unit as keyof typeof unitMs],
    0,
  );
}
