/** Of Test Connection with the newest secret. */
export type TestResult = { state: 'none' | 'waiting' } | { state: 'passed' | 'failed'; at: Date };

/** The page for the customer's administrator; while it waits for the test it loads itself anew. */
export function setupPage(shown: {
  name: string;
  url: string;
  secret?: string | undefined;
  test: TestResult;
  /** Where this page is. */
  address: string;
}): string {
  const { name, url, secret, test, address } = shown;
  const waits = test.state !== 'passed' && secret === undefined;
  return page(
    `Directory sync for ${name}`,
    `<p>Your directory, Microsoft Entra ID, sends people and groups to this service.</p>
<h2>Tenant URL</h2>
<p><code>${escaped(url)}</code></p>
<h2>Secret token</h2>
${secret === undefined ? button(address) : shownOnce(secret, address)}
<h2>In the Azure portal</h2>
<ol>${steps.map((step) => `<li>${step}</li>`).join('\n')}</ol>
<h2>Test Connection</h2>
${testResult(test)}`,
    waits,
  );
}

export const messagePage = (message: string): string =>
  page('Directory sync', `<p role="alert">${escaped(message)}</p>`, false);

const button = (address: string) => `<form method="post" action="${escaped(address)}/secret">
<p>A new secret is shown once. One that Entra uses already stays good for 7 days.</p>
<button name="make" value="secret">Make the secret</button></form>`;

const shownOnce = (
  secret: string,
  address: string,
) => `<p><code id="secret">${escaped(secret)}</code></p>
<p>It is shown this once: copy it now. <a href="${escaped(address)}">I have copied it</a></p>`;

const steps = [
  'Open <b>Enterprise applications</b>, then <b>New application</b>, then <b>Create your own application</b>; choose the one that is not in the gallery.',
  'In it open <b>Provisioning</b>, choose the mode <b>Automatic</b>, and enter tenant URL and secret token from this page.',
  'Press <b>Test Connection</b> and come back here: the result is below.',
  'Save. Under <b>Mappings</b> of users map <b>objectId</b> to <b>externalId</b>, and add <b>employeeId</b> and <b>manager</b> if they are missing.',
  'Under <b>Users and groups</b> assign who is to be sent.',
  'Set <b>Provisioning Status</b> to <b>On</b>. The first cycle begins at once, the following ones every 40 minutes.',
];

function testResult(test: TestResult): string {
  switch (test.state) {
    case 'none':
      return '<p id="test" class="waiting">Make the secret first.</p>';
    case 'waiting':
      return '<p id="test" class="waiting">Waiting for Test Connection…</p>';
    case 'passed':
      return `<p id="test" class="passed">Connected: Entra called with this secret at ${test.at.toISOString()}.</p>`;
    case 'failed':
      return `<p id="test" class="failed">A call with a wrong secret came at ${test.at.toISOString()}. Copy the secret again, or make a new one.</p>`;
  }
}

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}
code{display:block;padding:.6rem;background:#f2f2f2;overflow-wrap:anywhere;user-select:all}
button{font:inherit;padding:.7rem 1.2rem}.passed{background:#dff3df}.failed{background:#fbe0e0}
.waiting{background:#f2f2f2}#test{padding:.6rem}h2{font-size:1.1rem;margin-top:1.6rem}`;

function page(title: string, body: string, refreshes: boolean): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${refreshes ? '<meta http-equiv="refresh" content="5">' : ''}<title>${escaped(title)}</title>
<style>${style}</style></head>
<body><h1>${escaped(title)}</h1>
${body}
</body></html>
`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? one);
