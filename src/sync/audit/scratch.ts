import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lines set aside by shard: in memory while they are few, in a file beyond that. */
export interface Spill {
  append(shard: number, line: string): Promise<void>;
  lines(shard: number): Promise<string[]>;
}

/** Where an audit puts what would not fit into memory; ids and hashes only, gone at its end. */
export interface Scratch {
  spill(): Spill;
  close(): Promise<void>;
}

const defaultMemory = 4 * 1_024 * 1_024;

/** Each spill holds up to `memory` characters before it writes. */
export function openScratch(memory = defaultMemory): Scratch {
  const files: FileHandle[] = [];
  let folder: Promise<string> | undefined;
  const openFile = async () => {
    folder ??= mkdtemp(join(tmpdir(), 'entra-mirror-audit-'));
    const file = await open(join(await folder, String(files.length)), 'wx+', 0o600);
    files.push(file);
    return file;
  };
  return {
    spill: () => new FileSpill(openFile, memory),
    async close() {
      await Promise.all(files.map((file) => file.close()));
      if (folder) await rm(await folder, { recursive: true, force: true });
    },
  };
}

class FileSpill implements Spill {
  readonly #openFile: () => Promise<FileHandle>;
  readonly #memory: number;
  readonly #held = new Map<number, string[]>();
  readonly #written = new Map<number, { position: number; length: number }[]>();
  #file: FileHandle | undefined;
  #writing = Promise.resolve();
  #heldLength = 0;
  #end = 0;

  constructor(openFile: () => Promise<FileHandle>, memory: number) {
    this.#openFile = openFile;
    this.#memory = memory;
  }

  async append(shard: number, line: string): Promise<void> {
    listIn(this.#held, shard).push(line);
    this.#heldLength += line.length;
    if (this.#heldLength > this.#memory) await this.#write();
  }

  async lines(shard: number): Promise<string[]> {
    await this.#writing;
    const lines: string[] = [];
    for (const { position, length } of this.#written.get(shard) ?? []) {
      const bytes = Buffer.alloc(length);
      await this.#file?.read(bytes, 0, length, position);
      lines.push(...bytes.toString().split('\n'));
    }
    return lines.concat(this.#held.get(shard) ?? []);
  }

  /** Those that are full at the same time are written one after the other. */
  #write(): Promise<void> {
    const full = [...this.#held];
    this.#held.clear();
    this.#heldLength = 0;
    this.#writing = this.#writing.then(() => this.#writeOut(full));
    return this.#writing;
  }

  async #writeOut(full: readonly (readonly [number, string[]])[]): Promise<void> {
    this.#file ??= await this.#openFile();
    for (const [shard, lines] of full) {
      const bytes = Buffer.from(lines.join('\n'));
      await this.#file.write(bytes, 0, bytes.length, this.#end);
      listIn(this.#written, shard).push({ position: this.#end, length: bytes.length });
      this.#end += bytes.length;
    }
  }
}

function listIn<T>(lists: Map<number, T[]>, shard: number): T[] {
  const list = lists.get(shard) ?? [];
  lists.set(shard, list);
  return list;
}
