/** Sequence numbers, smallest first: a message that comes back keeps its place in the queue. */
export class SequenceHeap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(value: number): void {
    const items = this.#items;
    let at = items.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || above <= value) break;
      items[at] = above;
      at = parent;
    }
    items[at] = value;
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sinkFromTop(last);
    return first;
  }

  #sinkFromTop(value: number): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = items[child];
      const right = items[child + 1];
      if (left === undefined) break;
      let smaller = left;
      if (right !== undefined && right < left) {
        child += 1;
        smaller = right;
      }
      if (value <= smaller) break;
      items[at] = smaller;
      at = child;
    }
    items[at] = value;
  }
}
