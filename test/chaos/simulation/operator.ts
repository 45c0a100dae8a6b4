import type { Config } from '../../../src/config.ts';
import { connect, type Connections } from '../../../src/connect.ts';
import type { AuditResult } from '../../../src/mirror/audits.ts';
import type { Log } from '../../../src/ops/log.ts';
import type { Timings } from '../../../src/ops/timings.ts';
import { auditTenant } from '../../../src/sync/audit/audit.ts';
import { SimulatedProcess } from '../world/process.ts';

type Decision = 'approved' | 'rejected';

/** A person at the command line, in a process of their own. */
export class Operator {
  readonly #process = new SimulatedProcess('operator', () => undefined);
  readonly #connect: () => Promise<Connections>;
  #connections: Connections | undefined;

  constructor(config: Config, surroundings: { log: Log; timings: Timings }) {
    this.#connect = () => connect(config, surroundings);
  }

  /** Decides every open hold; gives how many there were. */
  decide(draw: () => Decision): Promise<number> {
    return this.#process.run(async () => {
      const { mirror, tenantId } = await this.#connected();
      const open = await mirror.holds.list(tenantId, ['open']);
      for (const { _id } of open) await mirror.holds.decide(_id, draw(), 'person');
      return open.length;
    });
  }

  audit({ repair }: { repair: boolean }): Promise<AuditResult> {
    return this.#process.run(async () => {
      const connections = await this.#connected();
      const { tenantId, publisher } = connections;
      const deps = { ...connections, publish: publisher.publish };
      const { signal } = new AbortController();
      return auditTenant(deps, tenantId, { signal, repair });
    });
  }

  end(): void {
    this.#process.kill();
  }

  async #connected(): Promise<Connections> {
    this.#connections ??= await this.#connect();
    return this.#connections;
  }
}
