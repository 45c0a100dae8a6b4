import { badRequest } from '../errors.ts';
import { isObject } from './value.ts';

const maxDepth = 12;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Throws a `ScimError` for names that JavaScript or MongoDB give a meaning, and for too deep a body. */
export function refusePoison(body: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (depth > maxDepth) throw badRequest('invalidSyntax', 'This body is nested too deeply.');
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) open.push({ value: item, depth: depth + 1 });
    } else if (isObject(value)) {
      for (const [name, item] of Object.entries(value)) {
        if (isPoison(name)) {
          throw badRequest('invalidSyntax', `"${name.slice(0, 64)}" cannot be an attribute.`);
        }
        open.push({ value: item, depth: depth + 1 });
      }
    }
  }
}

const isPoison = (name: string): boolean =>
  (name.startsWith('$') && name !== '$ref') ||
  name.includes('\0') ||
  name.length > 4_096 ||
  name.split('.').some((part) => forbidden.has(part));
