import type { AuthenticatedRequest } from '../../../local/sandbox/respond.ts';
import type { DueConnection } from './tenants.ts';

/** The requests that a provider received about one connection. */
export interface ConnectionRequests {
  readonly due: DueConnection;
  /** Requested paths, in order. One check requests each path once. */
  readonly paths: readonly string[];
  /** Milliseconds from the run of the scheduler to the first request. */
  readonly waitMs: number;
}

/** Records the requests that providers receive, by connection. */
export class RequestLog {
  readonly #connections: ReadonlyMap<string, DueConnection>;
  readonly #requests = new Map<DueConnection, { paths: string[]; waitMs: number }>();
  #minuteStartedAt = performance.now();

  constructor(connections: ReadonlyMap<string, DueConnection>) {
    this.#connections = connections;
  }

  /** Starts the next minute, from which waits count. */
  startMinute(): void {
    this.#minuteStartedAt = performance.now();
  }

  add({ id, path = '(not documented)' }: AuthenticatedRequest): void {
    const due = this.#connections.get(id);
    if (!due) throw new Error('A provider received a request about an unknown connection.');
    const earlier = this.#requests.get(due);
    if (earlier) earlier.paths.push(path);
    else this.#requests.set(due, { paths: [path], waitMs: performance.now() - this.#minuteStartedAt });
  }

  /** Returns the number of requests so far. */
  count(): number {
    return [...this.#requests.values()].reduce((sum, { paths }) => sum + paths.length, 0);
  }

  /** Returns the requests of every connection, without any for some. */
  byConnection(): readonly ConnectionRequests[] {
    return [...this.#connections.values()].map((due) => {
      const { paths, waitMs } = this.#requests.get(due) ?? { paths: [], waitMs: Number.NaN };
      return { due, paths, waitMs };
    });
  }
}

/** Returns true if the requests are those of exactly one check. */
export function isOneCheck({ due, paths }: ConnectionRequests): boolean {
  return paths.length === due.requestsPerCheck && new Set(paths).size === paths.length;
}
