import { randomInt } from 'node:crypto';

const classes = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '#%+-=?@_'];
const length = 32;

/** A random first password of all four classes. Nobody ever sees it: it must be changed at the first sign-in. */
export function firstPassword(): string {
  const all = classes.join('');
  const drawn = Array.from({ length }, () => all[randomInt(all.length)] ?? '').join('');
  const hasAll = [/[a-z]/, /[A-Z]/, /\d/, /[^\w]|_/].every((each) => each.test(drawn));
  return hasAll ? drawn : firstPassword();
}
