// Compiles what has changed of src/ and of this folder, then runs the simulation.
import { join } from 'node:path';
import { transpile } from '../../infra/bin/transpile.mjs';

const out = await transpile(['src', join('test', 'chaos')], 'chaos');
await import(join(out, 'test', 'chaos', 'main.js'));
