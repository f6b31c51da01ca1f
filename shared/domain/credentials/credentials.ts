import { inspect } from 'node:util';

const CONCEALED = '[credentials]';

/**
 * The field values that authenticate one account at one provider.
 *
 * The values are reachable by `reveal()` alone: printing, inspecting, spreading or serialising the object
 * shows a placeholder, so a credential cannot slip into a log, an error or an answer by accident.
 */
export class Credentials {
  readonly #fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = Object.freeze({ ...fields });
  }

  /** The plain values, for the two that may see them: the secret store and the provider's own request. */
  reveal(): Readonly<Record<string, string>> {
    return this.#fields;
  }

  toString(): string {
    return CONCEALED;
  }

  toJSON(): string {
    return CONCEALED;
  }

  [inspect.custom](): string {
    return CONCEALED;
  }
}
