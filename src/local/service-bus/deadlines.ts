/** Keys with an end each (milliseconds since the epoch). Asking is free until the earliest end has come. */
export class Deadlines<Key> {
  readonly #ends = new Map<Key, number>();
  #earliest = Infinity;

  set(key: Key, at: number): void {
    this.#ends.set(key, at);
    if (at < this.#earliest) this.#earliest = at;
  }

  delete(key: Key): void {
    this.#ends.delete(key);
  }

  /** Takes out the keys whose end has come, in the order in which they were set. */
  takeDue(now: number): Key[] {
    if (now < this.#earliest) return [];
    const due: Key[] = [];
    this.#earliest = Infinity;
    for (const [key, at] of this.#ends) {
      if (at <= now) due.push(key);
      else if (at < this.#earliest) this.#earliest = at;
    }
    for (const key of due) this.#ends.delete(key);
    return due;
  }
}
