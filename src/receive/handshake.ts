import type { IncomingMessage, ServerResponse } from 'node:http';

const longestToken = 4_096;

/**
 * Answers Graph's validation request with its token, decoded once; `false` for any other request. It needs
 * no other system and comes before everything else, so that it works whatever else does not.
 */
export function shakeHands({ url = '' }: IncomingMessage, response: ServerResponse): boolean {
  if (!url.includes('validationToken=')) return false;
  const tokens = new URLSearchParams(url.slice(url.indexOf('?'))).getAll('validationToken');
  const [token = ''] = tokens;
  const valid = tokens.length === 1 && token.length > 0 && token.length <= longestToken;
  response.writeHead(valid ? 200 : 400, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(
    valid ? escapeHtml(token) : 'validationToken must have 1 to 4,096 characters and come once\n',
  );
  return true;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
