import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What clients were answered, and what went wrong on the way. */
interface Passed {
  answered: number;
  errors: string[];
}

/** One address for several processes: each request goes to the next one that says it is ready. */
export async function openFrontDoor() {
  const ready = new Set<string>();
  const behind = new Set<string>();
  const passed: Passed = { answered: 0, errors: [] };
  let turn = 0;

  const look = async (url: string) => {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady && behind.has(url)) ready.add(url);
    else ready.delete(url);
  };
  const probe = setInterval(() => void Promise.all([...behind].map(look)), 50);

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = [...ready][(turn += 1) % Math.max(1, ready.size)];
    const fail = (why: string) => {
      passed.errors.push(why);
      outgoing.writeHead(502).end();
    };
    if (target === undefined) return fail('nobody is ready');
    const { method, headers, url } = incoming;
    const onward = request(`${target}${url ?? ''}`, { method, headers, agent: false }, (answer) => {
      passed.answered += 1;
      if ((answer.statusCode ?? 0) >= 500) passed.errors.push(`${answer.statusCode}`);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => fail(error.message));
    incoming.pipe(onward);
  }

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    isReady: (url: string) => ready.has(url),
    add: (url: string) => void behind.add(url),
    remove: (url: string) => void (behind.delete(url), ready.delete(url)),
    close: () =>
      new Promise<void>((resolve) => {
        clearInterval(probe);
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
