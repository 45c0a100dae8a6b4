// Compiles what has changed of src/ and of this folder, then runs the benchmark that is named.
import { join } from 'node:path';
import { transpile } from '../infra/bin/transpile.mjs';

const out = await transpile(['src', 'bench'], 'bench');
await import(join(out, 'bench', 'main.js'));
