import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { Router } from 'express';
import { silentLog } from '../../src/ops/log.ts';
import { listen } from '../../src/roles/http.ts';

it('a server that closes ends a kept connection once its answer has gone', async () => {
  let arrived = (): void => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  let answer = (): void => undefined;
  const router = Router();
  router.get('/slow', (_request, response) => {
    answer = () => response.json({ done: true });
    arrived();
  });
  const server = await listen([router], 0, silentLog);
  const socket: Socket = connect(server.port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => (received += data.toString()));
  const ended = once(socket, 'end');
  socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked;
  const closed = server.close();
  answer();
  await Promise.all([closed, ended]);
  expect(received).toContain('{"done":true}');
}, 40_000);
