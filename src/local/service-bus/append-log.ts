import type { FileHandle } from 'node:fs/promises';

/** Appends to a file in groups: whatever comes while one group is being written makes up the next. */
export class AppendLog {
  readonly #file: FileHandle;
  readonly #durable: boolean;
  #pending: Buffer[] = [];
  #pendingVital = false;
  #isGroupWaiting = false;
  #lastGroup = Promise.resolve();

  /** With `durable`, groups that hold something vital are brought to the disk. */
  constructor(file: FileHandle, durable: boolean) {
    this.#file = file;
    this.#durable = durable;
  }

  append(record: Buffer, { isVital }: { isVital: boolean }): void {
    this.#pending.push(record);
    this.#pendingVital ||= isVital;
    if (this.#isGroupWaiting) return;
    this.#isGroupWaiting = true;
    this.#lastGroup = this.#lastGroup.then(() => this.#writeGroup());
    // Whoever waits for the group hears of its failure; it may be that nobody does.
    this.#lastGroup.catch(() => undefined);
  }

  /** Resolves when everything appended so far is written; rejects for good after a failed write. */
  committed(): Promise<void> {
    return this.#lastGroup;
  }

  async close(): Promise<void> {
    await this.#lastGroup.finally(() => this.#file.close());
  }

  async #writeGroup(): Promise<void> {
    const group = Buffer.concat(this.#pending);
    const mustReachDisk = this.#durable && this.#pendingVital;
    this.#pending = [];
    this.#pendingVital = false;
    this.#isGroupWaiting = false;
    await this.#file.appendFile(group);
    if (mustReachDisk) await this.#file.datasync();
  }
}
