import { randomUUID } from 'node:crypto';

type Handshake = 'valid' | 'timedOut' | { refused: string };

/** Asks an endpoint to echo a token, as Graph does before it creates or renews a subscription. */
export async function validateEndpoint(url: string, timeoutMs: number): Promise<Handshake> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
  const separator = url.includes('?') ? '&' : '?';
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url}${separator}validationToken=${encodeURIComponent(token)}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'manual',
      signal,
    });
    const echoed = await response.text();
    return judge(response, echoed, token);
  } catch {
    return signal.aborted ? 'timedOut' : { refused: 'Notification endpoint could not be reached.' };
  }
}

function judge(response: Response, echoed: string, token: string): Handshake {
  if (response.status !== 200) {
    return {
      refused: `Notification endpoint must respond with 200 OK to validation request. HTTP status code is '${response.status}'.`,
    };
  }
  if (!response.headers.get('content-type')?.startsWith('text/plain')) {
    return { refused: 'Notification endpoint must answer with content type text/plain.' };
  }
  if (echoed !== token) {
    return { refused: 'Notification endpoint must echo the decoded validation token.' };
  }
  return 'valid';
}
