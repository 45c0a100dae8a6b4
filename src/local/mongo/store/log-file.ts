import { open, readFile, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Length and checksum go before each record. */
const headerBytes = 8;

export function framed(record: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + record.length);
  frame.writeUInt32LE(record.length, 0);
  frame.writeUInt32LE(crc32(record), 4);
  frame.set(record, headerBytes);
  return frame;
}

/** The whole records of a log, and their bytes: what comes after was torn by a crash. */
export async function readLog(
  path: string,
): Promise<{ records: Uint8Array[]; validBytes: number }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const end = at + headerBytes + bytes.readUInt32LE(at);
    const record = bytes.subarray(at + headerBytes, end);
    if (end > bytes.length || crc32(record) !== bytes.readUInt32LE(at + 4)) break;
    records.push(record);
    at = end;
  }
  return { records, validBytes: at };
}

/** Appends records; those of commands that wait at the same time go in one write. */
export class LogWriter {
  readonly #file: FileHandle;
  #pending: Buffer[] = [];
  #written = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string, validBytes: number): Promise<LogWriter> {
    const file = await open(path, 'a');
    await file.truncate(validBytes);
    return new LogWriter(file);
  }

  append(record: Uint8Array): void {
    this.#pending.push(framed(record));
  }

  /** Resolves once all that was appended is with the operating system; rejects for good after a failure. */
  flush(): Promise<void> {
    if (this.#pending.length === 0) return this.#next ?? this.#written;
    this.#next ??= this.#written.then(() => {
      const batch = Buffer.concat(this.#pending);
      this.#pending = [];
      this.#next = undefined;
      this.#written = this.#file.appendFile(batch);
      return this.#written;
    });
    return this.#next;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }
}
