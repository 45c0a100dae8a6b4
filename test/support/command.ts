import { jest } from '@jest/globals';
import { createProgram } from '../../src/cli/program.ts';
import type { TestStack } from './stack.ts';

/** Runs a command against a stack that `dataDir` tells of; gives what it prints. */
export async function runCommand(
  { connections: { config } }: TestStack,
  dataDir: string,
  args: readonly string[],
): Promise<string> {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const env = { DATA_DIR: dataDir, MONGODB_DATABASE: config.database, LOG_LEVEL: 'silent' };
  try {
    await createProgram({ env }).parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return written.join('');
}
