import { InvalidArgumentError } from 'commander';

/** Reads an option's value; anything but 0, 1, 2, … is refused. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Give a whole number.');
  return value;
}
