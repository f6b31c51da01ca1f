/** Builds the expressions of one write, with a placeholder for every name and value. */
export class Expression {
  readonly #names = new Map<string, string>();
  readonly #values: Record<string, unknown> = {};
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #adds: string[] = [];

  /** The placeholder path of an attribute, or of one inside a map. */
  name(path: readonly string[]): string {
    return path.map((part) => this.#placeholder(part)).join('.');
  }

  /** The placeholder of a value. */
  value(value: unknown): string {
    const placeholder = `:${Object.keys(this.#values).length}`;
    this.#values[placeholder] = value;
    return placeholder;
  }

  set(path: readonly string[], value: unknown): void {
    this.#sets.push(`${this.name(path)} = ${this.value(value)}`);
  }

  /** Sets an attribute, or removes it where the value is undefined. */
  put(attribute: string, value: unknown): void {
    if (value === undefined) this.#removes.push(this.name([attribute]));
    else this.set([attribute], value);
  }

  add(attribute: string, value: number): void {
    this.#adds.push(`${this.name([attribute])} ${this.value(value)}`);
  }

  /** The names and values, as every request takes them. */
  names() {
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: this.#reversedNames() }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: this.#values }),
    };
  }

  /**
   * The update with its names and values.
   *
   * @throws Error where there is nothing to change: DynamoDB takes no empty update.
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
