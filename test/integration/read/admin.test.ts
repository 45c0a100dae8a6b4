import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { adminOnly } from '../../../src/read/admin.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { listen } from '../../../src/roles/http.ts';

type HttpServer = Awaited<ReturnType<typeof listen>>;

const token = 'an-administrator-knows-this';
const guarded = (given: string | undefined) => {
  const app = express();
  app.use(adminOnly({ token: given, clock: systemClock }), (_request, response) => {
    response.json({ in: true });
  });
  return listen([app], 0, silentLog);
};
let withToken: HttpServer;
let withoutToken: HttpServer;
beforeAll(async () => {
  withToken = await guarded(token);
  withoutToken = await guarded(undefined);
});
afterAll(async () => {
  await withToken.close();
  await withoutToken.close();
});

/** By `http` itself, since `fetch` sets no Host. */
const ask = ({ port }: HttpServer, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    asked.on('error', reject).end();
  });

describe('a page for administrators', () => {
  it('opens to the token alone where one is set', async () => {
    expect(await ask(withToken, { authorization: `Bearer ${token}` })).toBe(200);
    expect(await ask(withToken, { authorization: `bearer ${token}` })).toBe(200);
    expect(await ask(withToken, {})).toBe(401);
    expect(await ask(withToken, { authorization: 'Bearer guessed' })).toBe(401);
    expect(await ask(withToken, { authorization: `Basic ${token}` })).toBe(401);
  });

  it('opens to programs on this machine where none is set', async () => {
    expect(await ask(withoutToken, {})).toBe(200);
    expect(await ask(withoutToken, { host: 'localhost:8080' })).toBe(200);
  });

  it('does not take a stranger for one of them whom a proxy forwards', async () => {
    expect(await ask(withoutToken, { 'x-forwarded-for': '203.0.113.9' })).toBe(403);
    expect(await ask(withoutToken, { forwarded: 'for=203.0.113.9' })).toBe(403);
  });

  it('does not take a web page for one of them whose name was bound to this machine', async () => {
    expect(await ask(withoutToken, { host: 'rebound.example.com' })).toBe(403);
  });

  it('lets nobody guess for long, and still lets in who knows the token', async () => {
    const statuses = [];
    for (let tries = 0; tries < 70; tries += 1)
      statuses.push(await ask(withToken, { authorization: `Bearer ${tries}` }));
    expect(statuses).toContain(429);
    expect(await ask(withToken, { authorization: `Bearer ${token}` })).toBe(200);
  });
});
