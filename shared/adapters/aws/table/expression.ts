import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type WithoutTable<T> = T extends object ? Omit<T, 'TableName'> : never;

/** One write of a transaction, without the table's name. */
export type Action =
  | { readonly Put: WithoutTable<NonNullable<TransactItem['Put']>> }
  | { readonly Update: WithoutTable<NonNullable<TransactItem['Update']>> }
  | { readonly Delete: WithoutTable<NonNullable<TransactItem['Delete']>> };

/** Adds the table's name to the writes of a transaction. */
export function onTable(TableName: string, actions: readonly Action[]): TransactItem[] {
  return actions.map((action) => {
    if ('Put' in action) return { Put: { TableName, ...action.Put } };
    if ('Update' in action) return { Update: { TableName, ...action.Update } };
    return { Delete: { TableName, ...action.Delete } };
  });
}

/** Builds the expressions of one request, with a placeholder for every name and value. */
export class Expression {
  readonly #names = new Map<string, string>();
  readonly #values: Record<string, unknown> = {};
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #adds: string[] = [];

  /** Returns the placeholder path of an attribute, or of one inside a map. */
  name(path: readonly string[]): string {
    return path.map((part) => this.#placeholder(part)).join('.');
  }

  /** Returns the placeholder of a value. */
  value(value: unknown): string {
    const placeholder = `:${Object.keys(this.#values).length}`;
    this.#values[placeholder] = value;
    return placeholder;
  }

  set(path: readonly string[], value: unknown): void {
    this.#sets.push(`${this.name(path)} = ${this.value(value)}`);
  }

  /** Sets an attribute, or removes it if the value is undefined. */
  put(attribute: string, value: unknown): void {
    if (value === undefined) this.#removes.push(this.name([attribute]));
    else this.set([attribute], value);
  }

  add(attribute: string, value: number): void {
    this.#adds.push(`${this.name([attribute])} ${this.value(value)}`);
  }

  /** Returns names and values in the form of a request. */
  names() {
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: this.#reversedNames() }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: this.#values }),
    };
  }

  /**
   * Returns the update with its names and values.
   *
   * @throws Error when nothing is set, removed or added: DynamoDB rejects an empty update.
   */
  update() {
    const clauses = [
      ['SET', this.#sets],
      ['REMOVE', this.#removes],
      ['ADD', this.#adds],
    ] as const;
    const parts = clauses
      .filter(([, list]) => list.length > 0)
      .map(([verb, list]) => `${verb} ${list.join(', ')}`);
    if (parts.length === 0) throw new Error('An update must change something.');
    return { UpdateExpression: parts.join(' '), ...this.names() };
  }

  #placeholder(part: string): string {
    const known = this.#names.get(part);
    if (known) return known;
    const placeholder = `#${this.#names.size}`;
    this.#names.set(part, placeholder);
    return placeholder;
  }

  #reversedNames(): Record<string, string> {
    return Object.fromEntries([...this.#names].map(([part, placeholder]) => [placeholder, part]));
  }
}
