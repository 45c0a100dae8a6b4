#!/usr/bin/env node
// The command works in a fresh clone too: what is missing is installed and built before it runs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ready = fileURLToPath(new URL('ready.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [ready, '--build'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

process.setSourceMapsEnabled(true);
await import('../../dist/main.js');
