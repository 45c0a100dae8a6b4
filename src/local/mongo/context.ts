import type { Cursors } from './cursors.ts';
import type { Databases } from './engine/databases.ts';
import type { Doc } from './engine/document.ts';
import type { Faults } from './faults.ts';

/** What a command works on. */
export interface Context {
  databases: Databases;
  cursors: Cursors;
  faults: Faults;
  now: () => Date;
}

/** Runs one command at once, start to end; nothing comes between. Throws a CommandError to refuse. */
export type Command = (command: Doc, context: Context) => Doc;
