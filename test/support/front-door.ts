import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/ops/clock.ts';

/** One address for several processes: each request goes to the next one that says it is ready. */
export async function openFrontDoor() {
  const ready = new Set<string>();
  const behind = new Set<string>();
  const underWay = new Map<string, number>();
  const answered = new Map<string, number>();
  const count = (counts: Map<string, number>, url: string, by: number) =>
    counts.set(url, (counts.get(url) ?? 0) + by);
  const errors: string[] = [];
  let turn = 0;

  const look = async (url: string) => {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady && behind.has(url)) ready.add(url);
    else ready.delete(url);
  };
  // One look after the other: a late answer of an old one must not undo a newer one.
  const closing = new AbortController();
  const looking = (async () => {
    while (!closing.signal.aborted) {
      await Promise.all([...behind].map(look));
      await systemClock.sleep(200, closing.signal);
    }
  })();

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = [...ready][(turn += 1) % Math.max(1, ready.size)];
    const fail = (why: string) => {
      errors.push(why);
      outgoing.writeHead(502).end();
    };
    if (target === undefined) return fail('nobody is ready');
    const { method, headers, url } = incoming;
    count(underWay, target, 1);
    const onward = request(`${target}${url ?? ''}`, { method, headers, agent: false }, (answer) => {
      count(answered, target, 1);
      if ((answer.statusCode ?? 0) >= 500) errors.push(`${answer.statusCode}`);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => fail(error.message));
    onward.on('close', () => count(underWay, target, -1));
    incoming.pipe(onward);
  }

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What went wrong on the way to a process. */
    errors,
    answeredBy: (url: string) => answered.get(url) ?? 0,
    /** It is chosen no more, and has answered what it was chosen for. */
    isLeft: (url: string) => !ready.has(url) && !underWay.get(url),
    isReady: (url: string) => ready.has(url),
    add: (url: string) => void behind.add(url),
    remove: (url: string) => void (behind.delete(url), ready.delete(url)),
    close: async () => {
      closing.abort();
      await looking;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
