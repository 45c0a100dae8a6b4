import type { Config } from '../../../src/config.ts';
import { connect } from '../../../src/connect.ts';
import type { Log } from '../../../src/ops/log.ts';
import type { Timings } from '../../../src/ops/timings.ts';
import { startRoles, type RoleName } from '../../../src/roles/start.ts';
import { outside, SimulatedProcess } from '../world/process.ts';
import { sleep } from '../world/virtual-time.ts';

/** Processes of the product, each started again after its death, as an orchestrator would. */
export class Crew {
  readonly #members: Member[];

  constructor(crew: readonly RoleName[][], launch: Launch) {
    this.#members = crew.map(
      (roles, index) => new Member(`${index} ${roles.join('+')}`, roles, launch),
    );
  }

  member(index: number): Member {
    const member = this.#members[index];
    if (!member) throw new Error(`the crew has no member ${index}`);
    return member;
  }

  /** Whatever trouble its members have had ends. */
  heal(): void {
    for (const member of this.#members) member.heal();
  }

  end(): void {
    for (const member of this.#members) member.end();
  }
}

interface Launch {
  config: (isReceiver: boolean) => Config;
  log: Log;
  timings: Timings;
}

const restartMs = 5_000;

class Member {
  readonly #name: string;
  readonly #roles: readonly RoleName[];
  readonly #launch: Launch;
  #process: SimulatedProcess;
  #downMs = restartMs;
  #isOver = false;

  constructor(name: string, roles: readonly RoleName[], launch: Launch) {
    this.#name = name;
    this.#roles = roles;
    this.#launch = launch;
    this.#process = this.#start();
  }

  /** Kills it at its `writes`-th write from now, or when nothing was written for long. */
  kill(writes: number, downMs: number, onDeath: () => void): void {
    const victim = this.#process;
    this.#downMs = downMs;
    victim.killAfterWrites(writes, onDeath);
    void sleep(quietMs).then(() => victim.kill());
  }

  /** Holds back what it sends from its `writes`-th write on. */
  sleep(writes: number, forMs: number, onSleep: () => void): void {
    const sleeper = this.#process;
    sleeper.sleepAfterWrites(writes, () => {
      onSleep();
      void outside(() => sleep(forMs)).then(() => sleeper.wake());
    });
  }

  moveClock(byMs: number): void {
    this.#process.skewMs = byMs;
  }

  heal(): void {
    this.#process.skewMs = 0;
    this.#process.wake();
  }

  end(): void {
    this.#isOver = true;
    this.#process.kill();
  }

  #start(): SimulatedProcess {
    const started = new SimulatedProcess(this.#name, () => void this.#restart());
    started.run(() => void this.#boot(started));
    return started;
  }

  /** A start that fails ends the process. */
  async #boot(started: SimulatedProcess): Promise<void> {
    const { config, log, timings } = this.#launch;
    try {
      const connections = await connect(config(this.#roles.includes('receiver')), { log, timings });
      await startRoles(this.#roles, connections);
    } catch (error) {
      log.warn({ err: error, process: this.#name }, 'process did not start');
      started.kill();
    }
  }

  async #restart(): Promise<void> {
    await sleep(this.#downMs);
    this.#downMs = restartMs;
    if (!this.#isOver) this.#process = this.#start();
  }
}

const quietMs = 20_000;
