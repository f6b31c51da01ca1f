import { randomUUID } from 'node:crypto';

/** A text that stands nowhere else, and every form in which it could be found again. */
export class Canary {
  readonly core: string;
  readonly #forms: readonly string[];

  constructor() {
    this.core = `canary-${randomUUID()}`;
    const bytes = Buffer.from(this.core, 'utf8');
    this.#forms = [this.core, bytes.toString('hex'), bytes.toString('utf16le'), ...base64Forms(bytes)];
  }

  /** A credential around it that changes when it is escaped, in JSON, a URL or HTML. */
  get credential(): string {
    return `"${this.core}\\%<&`;
  }

  /** Whether a text holds it, plain or encoded; escaping leaves letters, digits and hyphens as they are. */
  isIn(text: string): boolean {
    return this.#forms.some((form) => text.includes(form));
  }
}

/** Base64 of it at each of the three places where it can begin in a group of bytes, without the shared ends. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    const skipped = offset === 0 ? 0 : 4;
    return [whole.toString('base64').slice(skipped), whole.toString('base64url').slice(skipped)];
  });
}
