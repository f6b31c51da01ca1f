/** How many requests are remembered. */
const KEPT = 1000;

/** A request that a third party received; nothing of it that could hold a credential. */
export interface ReceivedRequest {
  readonly at: string;
  readonly provider: string;
  readonly method: string;
  readonly host: string;
  /** As the service documents it: `/1/tokens/:token`. */
  readonly path: string;
  readonly outcome: string;
}

/** The latest thousand requests, oldest first. */
export class ReceivedRequests {
  readonly #items: ReceivedRequest[] = [];

  add(item: ReceivedRequest): void {
    this.#items.push(item);
    if (this.#items.length > KEPT) this.#items.shift();
  }

  list(provider: string | null): readonly ReceivedRequest[] {
    return this.#items.filter((item) => provider === null || item.provider === provider);
  }
}
