/** Of Test Connection with the newest secret. */
export type TestResult = { state: 'none' | 'waiting' } | { state: 'passed' | 'failed'; at: Date };

/** The page for the customer's administrator. The result of the test is a frame in it, which alone loads itself anew. */
export function setupPage(shown: {
  name: string;
  url: string;
  secret?: string | undefined;
  /** Where this page is. */
  address: string;
}): string {
  const { name, url, secret, address } = shown;
  const title = `Directory sync for ${name}`;
  return page(
    title,
    `<main><h1>${escaped(title)}</h1>
<p>Your directory, Microsoft Entra ID, sends people and groups to this service.</p>
<h2 id="url-label">Tenant URL</h2>
<p><code aria-labelledby="url-label">${escaped(url)}</code></p>
<h2 id="secret-label">Secret token</h2>
${secret === undefined ? button(address) : shownOnce(secret, address)}
<h2>In the Azure portal</h2>
<ol>${steps.map((step) => `<li>${step}</li>`).join('\n')}</ol>
<h2>Test Connection</h2>
<iframe src="${escaped(address)}/test" title="Result of Test Connection"></iframe></main>`,
  );
}

/** The result of Test Connection; while it waits for one it loads itself anew. */
export function testPage(test: TestResult): string {
  const head = test.state === 'passed' ? '' : '<meta http-equiv="refresh" content="5">';
  return page('Result of Test Connection', testResult(test), head);
}

export const messagePage = (message: string): string =>
  page(
    'Directory sync',
    `<main><h1>Directory sync</h1>\n<p role="alert">${escaped(message)}</p></main>`,
  );

const button = (address: string) => `<form method="post" action="${escaped(address)}/secret">
<p>A new secret is shown once. One that Entra uses already stays good for 7 days.</p>
<button name="make" value="secret">Make the secret</button></form>`;

const shownOnce = (
  secret: string,
  address: string,
) => `<p><code id="secret" aria-labelledby="secret-label">${escaped(secret)}</code></p>
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
      return result(test, 'Make the secret first.');
    case 'waiting':
      return result(test, 'Waiting for Test Connection…');
    case 'passed':
      return result(test, `Connected: Entra called with this secret at ${timeOf(test.at)}.`);
    case 'failed':
      return result(
        test,
        `A call with a wrong secret came at ${timeOf(test.at)}. Copy the secret again, or make a new one.`,
      );
  }
}

const result = ({ state }: TestResult, words: string) =>
  `<p role="status" class="${state}">${words}</p>`;

const timeOf = (at: Date) =>
  `<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>`;

const style = `body{font:1rem/1.5 system-ui,sans-serif;color:#111;background:#fff;margin:0}
main{max-width:42rem;margin:0 auto;padding:1rem}h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:1.6rem}
code{display:block;padding:.6rem;background:#f2f2f2;overflow-wrap:anywhere;user-select:all}
button{font:inherit;padding:.7rem 1.2rem}iframe{border:0;width:100%;height:6rem}li{margin:.4rem 0}
.passed{background:#dff3df}.failed{background:#fbe0e0}.none,.waiting{background:#f2f2f2}
[role=status]{padding:.6rem;margin:0}`;

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${escaped(title)}</title>
<style>${style}</style></head>
<body>
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
