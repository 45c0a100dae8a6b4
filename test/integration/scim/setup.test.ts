import { existsSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

let stack: TestStack;
let connection: { id: string; tenantUrl: string; secrets: { keyId: string }[] };
let page: string;

const admin = async (path: string, body: object = {}) => {
  const answer = await fetch(`${stack.running.url}/admin/connections${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { url: string } & typeof connection;
};

beforeAll(async () => {
  stack = await startTestStack({ users: 2, groups: 1, roles: ['api'] });
  connection = await admin('', { name: 'Acme <b>& Sons</b>' });
  page = (await admin(`/${connection.id}/setup-link`)).url;
});
afterAll(() => stack.close());

const secretIn = (html: string) => /<code id="secret".*?>(.+?)<\/code>/.exec(html)?.[1] ?? '';
const testConnection = (secret: string) =>
  fetch(`${connection.tenantUrl}/Users?filter=userName eq "nobody"`, {
    headers: { authorization: `Bearer ${secret}` },
  });
/** Debian's package, and what else it is called. */
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const dom = async (url: string) => {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=2000'];
  const { stdout } = await promisify(execFile)(chromium!, [...flags, '--dump-dom', url], {
    timeout: 60_000,
  });
  return stdout;
};

describe('the setup page', () => {
  it('shows tenant URL and steps, without scripts, and escapes the name', async () => {
    const answer = await fetch(page);
    const html = await answer.text();
    expect(html).toContain(connection.tenantUrl);
    expect(html).toContain('Acme &lt;b&gt;&amp; Sons');
    expect(html).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('can be read on a phone and aloud: language, width, title, one heading above the others, names', async () => {
    const made = await (await fetch(`${page}/secret`, { method: 'POST' })).text();
    const refused = await (await fetch(`${page}x`)).text();
    for (const html of [await (await fetch(page)).text(), made, refused]) {
      expect(html).toMatch(/<html lang="en">.*<meta name="viewport" content="width=device-width/);
      expect(html).toMatch(/<title>\w.+<\/title>/);
      expect(html.match(/<main>/g)).toHaveLength(1);
      expect(html.match(/<h1>/g)).toHaveLength(1);
      expect(html).not.toMatch(/<h[3-6]|<iframe(?![^>]*title=)|http-equiv="refresh"/);
    }
    const labels = [...made.matchAll(/aria-labelledby="([\w-]+)"/g)].map(([, id]) => id!);
    expect(labels).toEqual(['url-label', 'secret-label']);
    for (const id of labels) expect(made).toContain(`<h2 id="${id}">`);
    expect(await (await fetch(`${page}/test`)).text()).toContain('role="status"');
  });

  it('makes a secret that is shown once, and shows the result of Test Connection', async () => {
    const html = await (await fetch(`${page}/secret`, { method: 'POST' })).text();
    const secret = secretIn(html);
    expect((await testConnection(secret)).status).toBe(200);
    const shown = await until(async () => {
      const now = await (await fetch(`${page}/test`)).text();
      return now.includes('class="passed"') ? now : undefined;
    });
    expect(shown).not.toContain(secret);
    expect((await testConnection(`${secret.slice(0, -1)}!`)).status).toBe(401);
  });

  it('is refused with an address that was changed', async () => {
    const [, end = '', signature = ''] = /(\d+)\.([\w-]+)$/.exec(page) ?? [];
    const later = page.replace(end, String(Number(end) + 1));
    const other = page.replace(signature, 'x'.repeat(signature.length));
    expect((await fetch(later)).status).toBe(403);
    expect((await fetch(`${other}/secret`, { method: 'POST' })).status).toBe(403);
  });

  it(`turns green in a browser ${chromium ? `(${chromium})` : '(no Chromium on this machine: read as HTML)'}`, async () => {
    const made = await admin('', { name: 'Browser' });
    const { url } = await admin(`/${made.id}/setup-link`);
    const see = chromium ? dom : async (address: string) => (await fetch(address)).text();
    expect(await see(url)).toContain('<iframe src="/setup/');
    expect(await see(`${url}/test`)).toContain('Waiting for Test Connection');
    const secret = secretIn(await (await fetch(`${url}/secret`, { method: 'POST' })).text());
    await fetch(`${made.tenantUrl}/Users?count=1`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    await until(async () => (await see(`${url}/test`)).includes('class="passed"'), {
      everyMs: 500,
    });
  });
});
