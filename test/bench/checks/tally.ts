import type { AuthenticatedRequest } from '../../../local/sandbox/respond.ts';
import type { Due } from './tenants.ts';

/** What the providers were asked about one connection. */
export interface Asked {
  readonly due: Due;
  /** What was requested, in order; each path once for one check. */
  readonly paths: readonly string[];
  /** In milliseconds from the run of the scheduler that made it due. */
  readonly waited: number;
}

/** Counts what the providers are asked about each connection. */
export class Tally {
  readonly #connections: ReadonlyMap<string, Due>;
  readonly #asked = new Map<Due, { paths: string[]; waited: number }>();
  #turnAt = performance.now();

  constructor(connections: ReadonlyMap<string, Due>) {
    this.#connections = connections;
  }

  /** From now on, waits count from here. */
  beginTurn(): void {
    this.#turnAt = performance.now();
  }

  add({ id, path = '(not documented)' }: AuthenticatedRequest): void {
    const due = this.#connections.get(id);
    if (!due) throw new Error('A provider was asked about a connection that is not there.');
    const before = this.#asked.get(due);
    if (before) before.paths.push(path);
    else this.#asked.set(due, { paths: [path], waited: performance.now() - this.#turnAt });
  }

  /** How many requests there were by now. */
  requests(): number {
    return [...this.#asked.values()].reduce((sum, { paths }) => sum + paths.length, 0);
  }

  /** What was asked about every connection; nothing about some, perhaps. */
  all(): readonly Asked[] {
    return [...this.#connections.values()].map((due) => {
      const { paths, waited } = this.#asked.get(due) ?? { paths: [], waited: Number.NaN };
      return { due, paths, waited };
    });
  }
}

/** Whether the providers were asked for exactly one check. */
export function wasCheckedOnce({ due, paths }: Asked): boolean {
  return paths.length === due.requests && new Set(paths).size === paths.length;
}
