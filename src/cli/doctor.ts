import type { Command } from 'commander';
import { isLoopback, readConfig } from '../config.ts';
import { checkAddress } from './checks/address.ts';
import type { Finding } from './checks/finding.ts';
import { checkSystems } from './checks/systems.ts';
import { withConnections } from './connected.ts';
import { print } from './output.ts';
import { findRunning } from './running.ts';

/** Adds `doctor`. */
export function addDoctor(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('doctor')
    .description(
      'check settings, address, Graph, queue and MongoDB, and say how to mend what fails',
    )
    .option('--json', 'print one JSON array')
    .addHelpText(
      'after',
      '\nExits 1 where a check failed; warnings do not count.\n\nExample:\n  entra-mirror doctor',
    )
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(env);
      print(json, findings, () => findings.map(lineOf).join('\n'));
      if (findings.some(({ level }) => level === 'failed')) process.exitCode = 1;
    });
}

/** Every check, in the order of the flow. @throws ConfigError where the settings are wrong */
export async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { http, dataDir } = readConfig(env);
  const url = http.publicUrl ?? (await findRunning(dataDir))?.url;
  const settings: Finding = { check: 'settings', level: 'ok', says: 'complete' };
  const address = url === undefined ? [] : await checkAddress(url);
  return [settings, ...address, ...guard(http.adminToken, url), ...(await systems(env))];
}

/** Checks do not throw, so that whatever does is the way to MongoDB or a mirror that does not run. */
async function systems(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    return await withConnections(env, checkSystems);
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const fix = 'Without it nothing else can be checked: mend this first.';
    return [{ check: 'connection', level: 'failed', says, fix }];
  }
}

function guard(adminToken: string | undefined, url: string | undefined): Finding[] {
  if (adminToken !== undefined || url === undefined || isLoopback(url)) return [];
  return [
    {
      check: 'administrators',
      level: 'warning',
      says: '/status and /metrics answer only programs on the same machine',
      fix: 'Set ADMIN_TOKEN, so that monitoring gets in.',
    },
  ];
}

const marks = { ok: 'ok      ', warning: 'warning ', failed: 'failed  ' };

function lineOf(finding: Finding): string {
  const line = `${marks[finding.level]} ${finding.check}: ${finding.says}`;
  return finding.level === 'ok' ? line : `${line}\n         → ${finding.fix}`;
}
