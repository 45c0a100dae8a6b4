import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCollector, type Span } from '../support/collector.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const given = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
let collector: Awaited<ReturnType<typeof openCollector>>;
let people: string[];
let spans: Span[];

beforeAll(async () => {
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'api-key=of-the-collector';
  collector = await openCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` };
  const stack = await startTestStack({ users: 8, groups: 2, env });
  await stack.live();
  const { users } = stack.directory.snapshot();
  people = users.map(({ properties }) => String(properties['displayName']));
  const [{ id } = { id: '' }, other = { id: '' }] = users;
  stack.directory.updateUser(id, { city: 'Traced' });
  await until(async () => (await stack.user(id))?.['city'] === 'Traced');
  const group = stack.directory.createGroup({ displayName: 'Traced' });
  stack.directory.addMember(group, other.id);
  await stack.equal();
  await fetch(`${stack.running.url}/notifications`, {
    method: 'POST',
    headers: { traceparent: `00-${given.traceId}-${given.spanId}-01` },
    body: '{"value": []}',
  });
  await stack.close();
  spans = collector.spans();
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  await collector.close();
});

/** Names of the steps of its trace from the first to this one. */
function wayTo(span: Span): string[] {
  const before = spans.find(
    ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
  );
  return before ? [...wayTo(before), span.name] : [span.name];
}
const waysTo = (name: string) =>
  spans.filter((span) => span.name === name).map((span) => wayTo(span).join(' > '));

describe('one trace', () => {
  const batch = 'POST /notifications > queue changes > handle changes';

  it('goes from the POST through the message to the requests to Graph and to the write', () => {
    expect(waysTo('graph request')).toContain(`${batch} > graph request`);
    expect(waysTo('write objects')).toContain(`${batch} > write objects`);
  });

  it('goes on to the memberships of a group', () => {
    // A round that another one's end has served begins a trace of its own.
    const rounds = [`${batch} > read memberships`, 'read memberships'];
    const ways = waysTo('read memberships');
    expect(ways.length).toBeGreaterThan(0);
    expect(ways.filter((way) => !rounds.includes(way))).toEqual([]);
    expect(spans.some(({ name }) => name === 'write memberships')).toBe(true);
  });

  it('goes on from the one that the sender names', () => {
    expect(spans).toContainEqual(
      expect.objectContaining({
        name: 'POST /notifications',
        traceId: given.traceId,
        parentSpanId: given.spanId,
      }),
    );
  });

  it('names no person', () => {
    expect(people).toHaveLength(8);
    expect(people.filter((name) => collector.text().includes(name))).toEqual([]);
  });

  it('is sent to the collector alone, as its variables say', () => {
    const told = collector.requests.map(({ path, headers }) => [path, headers['api-key']]);
    expect(new Set(told.flat())).toEqual(new Set(['/v1/traces', 'of-the-collector']));
  });
});

describe('the packages of OpenTelemetry', () => {
  it.each([
    ['are not loaded without an endpoint', 'undefined', false],
    ['are loaded with one', '"http://127.0.0.1:9"', true],
  ])('%s', (_what, endpoint, isLoaded) => {
    const script = `
      import { createRequire } from 'node:module';
      import './dist/connect.js';
      const { openTracer } = await import('./dist/ops/trace.js');
      const tracer = await openTracer({ endpoint: ${endpoint}, instanceId: 'one' });
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(loaded.some((file) => /@opentelemetry.(sdk|exporter)/.test(file)));
      await tracer.close();`;
    const args = ['--input-type=module', '--eval', script];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe(
      String(isLoaded),
    );
  });
});
