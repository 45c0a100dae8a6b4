import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const heldHere = new Set<string>();

/**
 * Takes a folder for this process and returns the way to give it back. A lock whose process is gone
 * is taken over; one whose process lives is an error that names it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(join(folder, 'lock'));
  await removeStaleLock(path, folder);
  await writeFile(path, String(process.pid), { flag: 'wx' });
  heldHere.add(path);
  return async () => {
    heldHere.delete(path);
    await rm(path, { force: true });
  };
}

async function removeStaleLock(path: string, folder: string): Promise<void> {
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  // A container starts with the same process id each time: our own id is stale unless we hold the lock.
  const isHeld = holder === process.pid ? heldHere.has(path) : holder > 0 && isAlive(holder);
  if (isHeld)
    throw new Error(
      `The folder ${folder} is in use by process ${holder}: stop it, or name another folder.`,
    );
  await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
