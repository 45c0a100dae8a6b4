import type { Journal } from '../engine/collection.ts';
import type { Databases } from '../engine/databases.ts';

export interface Store {
  journal: Journal;
  restore(databases: Databases): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export async function openStore(dataDir: string | undefined): Promise<Store> {
  void dataDir;
  const nothing = (): void => undefined;
  return {
    journal: { put: nothing, remove: nothing, define: nothing, drop: nothing },
    restore: nothing,
    flush: async () => undefined,
    close: async () => undefined,
  };
}
