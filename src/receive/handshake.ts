import type { RequestHandler } from 'express';

const longestToken = 4_096;

/**
 * Answers Graph's validation request with its token, decoded once (the query parser has done that).
 * It needs no other system and comes before everything else, so that it works whatever else does not.
 */
export const handshake: RequestHandler = (req, res, next) => {
  if (!req.url.includes('validationToken=')) {
    next();
    return;
  }
  const token = req.query['validationToken'];
  const valid = typeof token === 'string' && token.length > 0 && token.length <= longestToken;
  res.writeHead(valid ? 200 : 400, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(
    valid ? escapeHtml(token) : 'validationToken must have 1 to 4,096 characters and come once\n',
  );
};

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
