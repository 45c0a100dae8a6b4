import anyAscii from 'any-ascii';

const longest = 64;

/** `first.last` in small letters and digits of ASCII: Łukasz O’Brien is `lukasz.obrien`. */
export function nicknameOf(firstName: string, lastName: string): string {
  const parts = [firstName, lastName].map(plain).filter(Boolean);
  return (
    parts
      .join('.')
      .slice(0, longest - 4)
      .replace(/[.-]+$/, '') || 'person'
  );
}

const plain = (text: string): string =>
  anyAscii(text.normalize('NFC'))
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replaceAll(/[^a-z0-9-]/g, '')
    .replaceAll(/^-+|-+$/g, '');

/** True for the nickname itself and for it with a number, which someone has who came later. */
export function fitsNickname(held: unknown, base: string): boolean {
  if (typeof held !== 'string') return false;
  const rest = held.toLowerCase().startsWith(base) ? held.slice(base.length) : 'other';
  return rest === '' || /^[2-9]$|^[1-9]\d{1,2}$/.test(rest);
}

/** The first of `anna.lind`, `anna.lind2`, `anna.lind3`, … that is free; undefined where 999 are not. */
export async function chooseNickname(
  base: string,
  isFree: (nickname: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (let number = 1; number <= 999; number += 1) {
    const nickname = number === 1 ? base : `${base}${number}`;
    if (await isFree(nickname)) return nickname;
  }
  return undefined;
}
