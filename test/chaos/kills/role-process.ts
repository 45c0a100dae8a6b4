import { spawn, type ChildProcess } from 'node:child_process';
import type { RoleName } from '../../../src/roles/start.ts';

/** A role as a process of its own, started again when it ends. */
export class RoleProcess {
  readonly role: RoleName;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess;
  #isOver = false;
  kills = 0;

  constructor(role: RoleName, env: NodeJS.ProcessEnv) {
    this.role = role;
    this.#env = env;
    this.#child = this.#start();
  }

  /** As `kill -9`. */
  kill(): void {
    if (this.#child.kill('SIGKILL')) this.kills += 1;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended;
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [process.argv[1] ?? '', '--role', this.role], {
      env: this.#env,
      stdio: ['ignore', 2, 2],
    });
    child.once('exit', () => {
      if (!this.#isOver) this.#child = this.#start();
    });
    return child;
  }
}
