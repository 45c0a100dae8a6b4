import { CommanderError } from 'commander';
import { ConfigError } from '../ops/errors.ts';

/**
 * Writes what went wrong, without a stack trace, and gives the exit code: 1 for a failure or wrong
 * settings, 2 for a command that was not understood.
 */
export function exitCodeOf(error: unknown, stderr: { write(text: string): unknown }): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ConfigError) {
    stderr.write('The settings are not complete:\n');
    for (const problem of error.problems) stderr.write(`  ${problem}\n`);
    return 1;
  }
  stderr.write(`${messageOf(error)}\n`);
  return 1;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
