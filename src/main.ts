import { createProgram } from './cli/program.ts';
import { exitCodeOf } from './cli/exit.ts';

try {
  await createProgram({ env: process.env }).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, process.stderr);
}
