import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Clock } from '../ops/clock.ts';
import { createKnocks } from './knocks.ts';

/**
 * Lets administrators pass: whoever shows the token, or, where none is set, a program on this machine.
 * Others are answered 401 or 403, and 429 once they knock too often.
 */
export function adminOnly({
  token,
  clock,
}: {
  token: string | undefined;
  clock: Clock;
}): RequestHandler {
  const knocks = createKnocks(clock);
  return (request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    const isAdmin = token === undefined ? isLocal(request) : shows(request, token);
    if (!isAdmin && !knocks.mayKnock(address)) {
      response.status(429).set('retry-after', '60').json({ error: 'Too many attempts: wait.' });
    } else if (isAdmin) {
      next();
    } else if (token === undefined) {
      response.status(403).json({ error: 'Only for administrators: set ADMIN_TOKEN to get in.' });
    } else {
      response.status(401).set('www-authenticate', 'Bearer').json({ error: 'Show the token.' });
    }
  };
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A proxy on this machine forwards strangers, and a web page may bind its own name to this address. */
function isLocal({ socket, headers, hostname }: Request): boolean {
  const isForwarded = 'forwarded' in headers || 'x-forwarded-for' in headers;
  return loopback.has(socket.remoteAddress ?? '') && !isForwarded && loopbackNames.has(hostname);
}

/** Hashes have one length, so that the comparison tells nothing of the token. */
function shows({ headers }: Request, token: string): boolean {
  const shown = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(hash(shown), hash(token));
}

const hash = (text: string) => createHash('sha256').update(text).digest();
