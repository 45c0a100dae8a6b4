import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectHr } from '../../src/hr/life.ts';
import { metricTable } from '../../src/read/metrics.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ users: 20, groups: 3 });
  await stack.live();
});
afterAll(() => stack.close());

const scrape = async () => (await fetch(`${stack.running.url}/metrics`)).text();
const valueOf = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  );

describe('the metrics of a process', () => {
  it('tell what came of a change, from its notification to its write', async () => {
    const id = stack.directory.snapshot().users[0]!.id;
    stack.directory.updateUser(id, { jobTitle: 'Glazier' });
    await until(async () => (await stack.user(id))?.['jobTitle'] === 'Glazier');
    await until(async () => {
      const text = await scrape();
      return (
        valueOf(text, 'entra_mirror_posts_total{answer="accepted"}') > 0 &&
        valueOf(text, 'entra_mirror_notifications_total{fate="queued"}') > 0 &&
        valueOf(text, 'entra_mirror_answer_seconds_count') > 0 &&
        valueOf(text, 'entra_mirror_outcomes_total{outcome="applied"}') > 0 &&
        valueOf(text, 'entra_mirror_lag_seconds_count') > 0 &&
        valueOf(text, 'entra_mirror_graph_units_total') > 0 &&
        valueOf(text, 'entra_mirror_batches_total') > 0
      );
    });
  });

  it('tell how far the mirror is: subscriptions, sweeps, tenants, the queue', async () => {
    const text = await until(async () => {
      const shown = await scrape();
      return valueOf(shown, 'entra_mirror_tenants{state="live"}') === 1 ? shown : undefined;
    });
    expect(valueOf(text, 'entra_mirror_subscriptions')).toBe(2);
    expect(valueOf(text, 'entra_mirror_subscription_expiry_seconds')).toBeGreaterThan(28 * 86_400);
    expect(valueOf(text, 'entra_mirror_sweep_age_seconds')).toBeLessThan(300);
    expect(valueOf(text, 'entra_mirror_users{state="active"}')).toBe(20);
    expect(valueOf(text, 'entra_mirror_dead_letters')).toBe(0);
  });

  it('tell what HR and Entra’s provisioning service send, and what became of it', async () => {
    const { tenantId } = stack.connections;
    const made = await connectHr(tenantId, { clientId: 'entra-mirror-hr' }, stack.running.hr!);
    const token = 'intakeToken' in made ? made.intakeToken : '';
    const put = (employeeId: string, workMail: string) =>
      fetch(`${stack.running.url}/hr/employees/${employeeId}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ firstName: 'Ada', lastName: 'Lind', workMail }),
      });
    await put('M1', 'm1@northwind.example');
    await put('M2', 'm2@pending.example');
    await put('M3', '');
    await fetch(`${stack.running.url}/scim/v2/nobody/Users`);
    await until(async () => {
      const text = await scrape();
      return (
        valueOf(text, 'entra_mirror_hr_records_total{result="accepted"}') === 2 &&
        valueOf(text, 'entra_mirror_hr_records_total{result="invalid"}') === 1 &&
        valueOf(text, 'entra_mirror_hr_writes_total{did="created"}') === 1 &&
        valueOf(text, 'entra_mirror_hr_refused_total{rule="domainNotVerified"}') === 1 &&
        valueOf(text, 'entra_mirror_hr_dead_letters') === 0 &&
        valueOf(text, 'entra_mirror_scim_requests_total{method="GET",status="4xx"}') === 1 &&
        valueOf(text, 'entra_mirror_scim_seconds_count') === 1 &&
        valueOf(text, 'entra_mirror_connections{state="live"}') === 0
      );
    });
  });

  it('are all shown, with their help and type', async () => {
    const text = await scrape();
    for (const { name, help, type } of metricTable) {
      expect(text).toContain(`# HELP ${name} ${help}\n`);
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
    }
  });

  it('name no tenant, no object and no subscription', async () => {
    const { users, groups } = stack.directory.snapshot();
    const records = await stack.connections.subscriptions.of(stack.connections.tenantId);
    const remote = records.map(({ subscriptionId }) => subscriptionId!);
    const text = await scrape();
    const ids = [
      stack.connections.tenantId,
      ...[...users, ...groups].map(({ id }) => id),
      ...remote,
    ];
    expect(ids.filter((id) => text.includes(id))).toEqual([]);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i);
  });
});

describe('the HTTP surface', () => {
  it('shows status and metrics to no stranger, and health to everybody', async () => {
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' } };
    const ask = async (path: string) =>
      (await fetch(`${stack.running.url}${path}`, forwarded)).status;
    expect(await ask('/status')).toBe(403);
    expect(await ask('/metrics')).toBe(403);
    expect(await ask('/healthz')).toBe(200);
    expect(await ask('/readyz')).toBe(200);
  });

  it('sets the headers that protect a page', async () => {
    const { headers } = await fetch(`${stack.running.url}/status`);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
