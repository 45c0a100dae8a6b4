import { Router, type RequestHandler } from 'express';
import { shakeHands } from '../receive/handshake.ts';
import { createHealthRouter } from '../read/app.ts';

/**
 * What a process serves while it waits for MongoDB: it is alive and not ready, and a receiver answers Graph's
 * handshake, which needs no other system. Whatever else comes is to come again.
 */
export function createWaitingRoom({ isReceiver }: { isReceiver: boolean }): Router {
  const router = Router();
  if (isReceiver) router.post(['/notifications', '/lifecycle'], answerHandshake);
  router.use(createHealthRouter(async () => ({ running: true, mongodb: false })));
  router.use((_request, response) => {
    const error = 'This process is starting: it waits for MongoDB.';
    response.status(503).set('retry-after', '10').json({ error });
  });
  return router;
}

const answerHandshake: RequestHandler = (request, response, next) => {
  if (!shakeHands(request, response)) next();
};
