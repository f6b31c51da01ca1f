/** Messages that may be received from a time on, the earliest first; of the same time in the order of their arrival. */
export class DelayQueue<T> {
  /** A binary heap: each entry is no later than its two children. */
  readonly #heap: { readonly at: number; readonly order: number; readonly message: T }[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Returns the time of the earliest message; infinity without one. */
  nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, message: T): void {
    this.#added += 1;
    this.#heap.push({ at, order: this.#added, message });
    let child = this.#heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Removes and returns up to `most` messages that may be received now. */
  take(now: number, most: number): readonly T[] {
    const taken: T[] = [];
    while (taken.length < most && this.nextAt() <= now) {
      const [first] = this.#heap;
      if (!first) break;
      taken.push(first.message);
      this.#removeFirst();
    }
    return taken;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let parent = 0;
    for (;;) {
      const [left, right] = [parent * 2 + 1, parent * 2 + 2];
      let earliest = parent;
      if (this.#isBefore(left, earliest)) earliest = left;
      if (this.#isBefore(right, earliest)) earliest = right;
      if (earliest === parent) return;
      this.#swap(parent, earliest);
      parent = earliest;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
