import { inspect } from 'node:util';

const CONCEALED = '[credentials]';

/**
 * The field values that authenticate one account at one provider.
 *
 * Only `reveal()` returns the values. Printing, inspecting, spreading or serializing the object shows a placeholder, so
 * that no credential reaches a log, an error or a response by accident.
 */
export class Credentials {
  readonly #fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = Object.freeze({ ...fields });
  }

  /** Returns the plain values, for the credential store, the provider's request and the engine's response. */
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
