import type { IncomingMessage } from 'node:http';
import type { Tracer } from '../ops/trace.ts';
import { acceptItems, type AcceptDeps } from './accept-items.ts';
import type { Status } from './answer.ts';
import type { Place } from './intake.ts';
import { readCollection } from './read-collection.ts';
import { newTraceparent, traceparentOf } from './trace.ts';

type Take = (request: IncomingMessage, place: Place) => Promise<Status | 'aborted'>;

/** Reads a POST and queues what it says; gives the status that it is answered with. It never rejects. */
export function createTake(
  deps: AcceptDeps & { tracer: Tracer; limits: { maxBodyBytes: number } },
): Take {
  const { tracer, limits, log } = deps;

  async function take(
    request: IncomingMessage,
    place: Place,
    given: string | undefined,
  ): ReturnType<Take> {
    const collection = await readCollection(request, limits.maxBodyBytes, place);
    if (!Array.isArray(collection)) return collection;
    const traceparent = tracer.traceparent() ?? given ?? newTraceparent();
    return (await acceptItems(collection, traceparent, deps)) ? 202 : 503;
  }

  return async (request, place) => {
    const parent = traceparentOf(request.headers['traceparent']);
    const [path] = (request.url ?? '').split('?');
    const step = { name: `POST ${path}`, kind: 'server', parent } as const;
    try {
      return await tracer.step(step, async (note) => {
        const status = await take(request, place, parent);
        note({ 'http.response.status_code': status });
        return status;
      });
    } catch (error) {
      log.error({ err: error }, 'POST failed; Graph sends it again');
      return 503;
    } finally {
      place.leave();
    }
  };
}
