import type { FileHandle } from 'node:fs/promises';

interface AppendLogOptions {
  /** Writes what is alive at the moment of the call to a new file and opens that one for appending. */
  rewrite: () => Promise<FileHandle>;
  /** The file is rewritten when it has grown by this, and by what it held when it was new. */
  rewriteAfterBytes: number;
  /** Brings groups that hold something vital to the disk. */
  durable: boolean;
}

/** Appends to a file in groups: whatever comes while one group is being written makes up the next. */
export async function openAppendLog(options: AppendLogOptions): Promise<AppendLog> {
  const log = new AppendLog(options);
  await log.startFile();
  return log;
}

class AppendLog {
  readonly #options: AppendLogOptions;
  #file: FileHandle | undefined;
  #bytesLeft = 0;
  #pending: Buffer[] = [];
  #pendingVital = false;
  #isGroupWaiting = false;
  #lastGroup = Promise.resolve();

  constructor(options: AppendLogOptions) {
    this.#options = options;
  }

  async startFile(): Promise<void> {
    const old = this.#file;
    const file = await this.#options.rewrite();
    this.#file = file;
    this.#bytesLeft = this.#options.rewriteAfterBytes + (await file.stat()).size;
    await old?.close();
  }

  append(record: readonly Buffer[], { isVital }: { isVital: boolean }): void {
    this.#pending.push(...record);
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
    await this.#lastGroup.finally(() => this.#file?.close());
  }

  async #writeGroup(): Promise<void> {
    const group = this.#pending;
    const bytes = group.reduce((sum, { length }) => sum + length, 0);
    const mustReachDisk = this.#options.durable && this.#pendingVital;
    this.#pending = [];
    this.#pendingVital = false;
    this.#isGroupWaiting = false;
    this.#bytesLeft -= bytes;
    // What the group says is alive already, so a new file holds it as well.
    if (this.#bytesLeft < 0) return this.startFile();
    const written = await this.#file?.writev(group);
    if (written && written.bytesWritten < bytes) throw new Error('the disk took a part of a group');
    if (mustReachDisk) await this.#file?.datasync();
  }
}
