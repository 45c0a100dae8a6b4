import { describe, expect, it } from '@jest/globals';
import { relativeLink, rootOf } from '../../../src/graph/link.ts';
import { LinkExpiredError } from '../../../src/ops/errors.ts';

const root = rootOf('https://graph.microsoft.com/');

describe('a link of Graph', () => {
  it.each([
    [
      'https://graph.microsoft.com/v1.0/users/delta?$deltatoken=a-B',
      '/users/delta?$deltatoken=a-B',
    ],
    ['/users/delta?$deltatoken=x', '/users/delta?$deltatoken=x'],
    ['https://graph.microsoft.com/v1.0/users?u=https://a/b', '/users?u=https%3A%2F%2Fa/b'],
  ])('%s is kept as %s', (link, kept) => {
    expect(relativeLink(link, root)).toBe(kept);
    expect(relativeLink(kept, root)).toBe(kept);
  });

  it('survives that a Graph on loopback comes back on another port', () => {
    const kept = relativeLink('http://127.0.0.1:1234/v1.0/users?a=1', 'http://127.0.0.1:1234/v1.0');
    expect(relativeLink(kept, 'http://127.0.0.1:99/v1.0')).toBe('/users?a=1');
  });

  it.each([
    ['https://evil.example/v1.0/users'],
    ['http://graph.microsoft.com/v1.0/users'],
    ['https://graph.microsoft.com:444/v1.0/users'],
    ['https://graph.microsoft.com@evil.example/v1.0/users'],
    ['https://graph.microsoft.com/beta/users'],
    ['https://graph.microsoft.com/v1.0/../beta/users'],
    ['//evil.example/v1.0/users'],
    ['not a link'],
    [''],
  ])('to %j is not followed', (link) => {
    expect(() => relativeLink(link, root)).toThrow(LinkExpiredError);
  });
});
