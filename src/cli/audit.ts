import type { Command } from 'commander';
import type { Connections } from '../connect.ts';
import type { AuditResult } from '../mirror/audits.ts';
import { stopSignal } from '../ops/shutdown.ts';
import { auditTenant } from '../sync/audit/audit.ts';
import { auditInWords } from './audit-words.ts';
import { withConnections } from './connected.ts';
import { plural, print } from './output.ts';
import { duration } from './status-line.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  tenant?: string;
  repair?: boolean;
  /** Seconds. */
  secondLook?: number;
  json?: boolean;
}

/** Adds `audit`; its exit code is 0 only where all was compared and nothing differs. */
export function addAudit(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('audit')
    .description('compare the mirror with its source')
    .option('--tenant <id>', 'only this tenant; all that are served without it')
    .option('--repair', 'have what differs read again')
    .option(
      '--second-look <seconds>',
      'look at what differs again after so long; without it, as long as a replica may lag',
      wholeNumber,
    )
    .option('--json', 'print one JSON array, an object for each tenant')
    .addHelpText(
      'after',
      '\nExits 0 only where all was compared and nothing differs.\n\nExample:\n  entra-mirror audit --repair',
    )
    .action((options: Options) =>
      withConnections(env, async (connections) => {
        const results = await auditAll(connections, options);
        print(options.json, results, () => results.map(auditInWords).join('\n\n'));
        const isProven = results.every(({ differences, unread }) => differences + unread === 0);
        if (!isProven) process.exitCode = 1;
      }),
    );
}

async function auditAll(connections: Connections, options: Options): Promise<AuditResult[]> {
  const stopping = new AbortController();
  void stopSignal().then((name) => stopping.abort(new Error(`${name}: the audit was stopped`)));
  const results: AuditResult[] = [];
  for (const tenantId of await tenantsOf(connections, options.tenant))
    results.push(await auditOne(connections, tenantId, stopping.signal, options));
  return results;
}

async function tenantsOf({ mirror }: Connections, tenant: string | undefined): Promise<string[]> {
  const served = (await mirror.tenants.list()).filter(({ state }) => state === 'served');
  const ids = served.map(({ id }) => id).filter((id) => tenant === undefined || id === tenant);
  if (ids.length > 0) return ids;
  throw new Error(
    tenant === undefined
      ? 'No tenant is mirrored yet: start the mirror first.'
      : `Tenant ${tenant} is not served: see "entra-mirror status" for those that are.`,
  );
}

async function auditOne(
  connections: Connections,
  tenantId: string,
  signal: AbortSignal,
  { repair = false, secondLook }: Options,
): Promise<AuditResult> {
  const { mirror, publisher } = connections;
  const deps = { ...connections, publish: publisher.publish };
  const result = await auditTenant(deps, tenantId, {
    ...{ signal, repair },
    secondLookMs: secondLook === undefined ? undefined : secondLook * 1_000,
    onSuspects: (count, waitMs) => {
      process.stderr.write(`${plural(count, 'suspect')}: another look in ${duration(waitMs)}\n`);
    },
  });
  await mirror.saveAudit(result);
  return result;
}
