import { CommandError } from './errors.ts';
import type { Doc } from './engine/document.ts';

interface Failure {
  /** The error code to answer with, instead of running the command. */
  code?: number;
  /** Cut the connection instead of answering: before the command is run, or after. */
  closeConnection?: 'before' | 'after';
  /** How many commands of the name fail; 1 by default. */
  times?: number;
}

/** Switches for tests and simulations. */
export class Faults {
  #failures: { command: string; failure: Failure; left: number }[] = [];
  #insertions: { namespace: string; doc: Doc }[] = [];

  /** Lets the next commands of this name fail (`update`, `find`, `findAndModify`, …). */
  failNext(command: string, failure: Failure): void {
    this.#failures.push({ command, failure, left: failure.times ?? 1 });
  }

  /** The next insert or upsert that is about to insert into `<database>.<collection>` finds that `doc` came first. */
  insertBetween(namespace: string, doc: Doc): void {
    this.#insertions.push({ namespace, doc });
  }

  /** The failure of a command that is about to run; an error code is thrown. */
  take(command: string): Failure | undefined {
    const found = this.#failures.find((entry) => entry.command === command);
    if (!found) return undefined;
    if (--found.left <= 0) this.#failures = this.#failures.filter((entry) => entry !== found);
    const { code, closeConnection } = found.failure;
    if (code !== undefined && !closeConnection) throw new CommandError(code, 'an injected failure');
    return found.failure;
  }

  /** The document that another client inserts just before. */
  takeInsertion(namespace: string): Doc | undefined {
    const at = this.#insertions.findIndex((entry) => entry.namespace === namespace);
    return at < 0 ? undefined : this.#insertions.splice(at, 1)[0]?.doc;
  }
}
