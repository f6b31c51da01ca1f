const CAPACITY = 1000;

/** Request that a provider received, without anything that could hold a credential. */
export interface LoggedRequest {
  readonly at: string;
  readonly provider: string;
  readonly method: string;
  readonly host: string;
  /** Template of the path: `/1/tokens/{token}`. */
  readonly path: string;
  readonly outcome: string;
}

/** Latest thousand requests, oldest first. */
export class RequestLog {
  readonly #items: LoggedRequest[] = [];

  add(item: LoggedRequest): void {
    this.#items.push(item);
    if (this.#items.length > CAPACITY) this.#items.shift();
  }

  /** Lists the requests to a provider; to all providers for null. */
  list(provider: string | null): readonly LoggedRequest[] {
    return this.#items.filter((item) => provider === null || item.provider === provider);
  }
}
