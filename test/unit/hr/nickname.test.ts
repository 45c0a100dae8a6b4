import { describe, expect, it } from '@jest/globals';
import { chooseNickname, fitsNickname, nicknameOf } from '../../../src/hr/nickname.ts';

describe('a nickname', () => {
  it.each([
    ['Ada', 'Lind', 'ada.lind'],
    ['Łukasz', 'O’Brien', 'lukasz.obrien'],
    ['Jean-Luc', 'de la Cruz', 'jean-luc.de-la-cruz'],
    ['Đorđe', 'Ђорђевић', 'dorde.djordjevic'],
    ['小明', '王', 'xiaoming.wang'],
    ['Åsa', 'Größe', 'asa.grosse'],
    ['…', '!!', 'person'],
  ])('of %s %s is %s', (first, last, nickname) => {
    expect(nicknameOf(first, last)).toBe(nickname);
  });

  it('has room for a number within the 64 characters of Entra', () => {
    const nickname = nicknameOf('x'.repeat(64), 'y'.repeat(64));
    expect(nickname).toMatch(/^[a-z0-9.-]{1,60}$/);
  });

  it('is the first free one, counted from 2', async () => {
    const taken = new Set(['ada.lind', 'ada.lind2']);
    const isFree = async (nickname: string) => !taken.has(nickname);
    expect(await chooseNickname('ada.lind', isFree)).toBe('ada.lind3');
    expect(await chooseNickname('ada.lind', async () => false)).toBeUndefined();
  });

  it.each([
    ['ada.lind', true],
    ['Ada.Lind', true],
    ['ada.lind2', true],
    ['ada.lind117', true],
    ['ada.lind1', false],
    ['ada.lindberg', false],
    [null, false],
  ])('ada.lind fits %j: %j, so that its holder keeps it', (held, fits) => {
    expect(fitsNickname(held, 'ada.lind')).toBe(fits);
  });
});
