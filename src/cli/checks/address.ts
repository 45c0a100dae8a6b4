import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import { duration } from '../status-line.ts';
import { finding, type Finding } from './finding.ts';

const limitMs = 10_000;
const warnBeforeMs = 14 * 24 * 3_600_000;

/** Name, certificate and handshake of the address that Graph sends to, asked as Graph does. */
export async function checkAddress(publicUrl: string): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(publicUrl);
  const findings = [
    await finding('name', 'Correct PUBLIC_URL, or its entry in DNS.', async () => {
      const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
      return `${hostname} is ${found.map(({ address }) => address).join(', ')}`;
    }),
  ];
  if (protocol === 'https:') {
    const renew = 'Renew the certificate: Graph sends only to one that public roots confirm.';
    findings.push(
      await finding('certificate', renew, async () => {
        const leftMs = (await certificateEnd(hostname, Number(port || 443))) - Date.now();
        const says = `valid for ${duration(leftMs)}`;
        return leftMs > warnBeforeMs ? says : { level: 'warning', says, fix: renew };
      }),
    );
  }
  const fix = 'Have POST /notifications of PUBLIC_URL reach a receiver unchanged, and one run.';
  findings.push(await finding('handshake', fix, () => shakeHands(publicUrl)));
  return findings;
}

function certificateEnd(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: host, timeout: limitMs }, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('timeout', () => {
      socket.destroy(new Error(`${host}:${port} does not answer within 10 s`));
    });
  });
}

/** Graph wants its token back as plain text within 10 s. */
async function shakeHands(publicUrl: string): Promise<string> {
  const token = `doctor ${randomUUID()}`;
  const url = `${publicUrl}/notifications?validationToken=${encodeURIComponent(token)}`;
  const beganMs = Date.now();
  const answer = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(limitMs) });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`the answer is ${answer.status}, not 200`);
  if (text !== token) throw new Error('the answer is not the token that was sent');
  if (!answer.headers.get('content-type')?.startsWith('text/plain'))
    throw new Error('the answer is not text/plain');
  return `answered after ${Date.now() - beganMs} ms`;
}
