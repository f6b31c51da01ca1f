/** Identifies what a sealed text belongs to. It opens with the same context only. */
export type SealContext = Readonly<Record<string, string>>;

/** A sealed text was altered, or belongs to another context: somebody other than this project wrote it. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}

/** Seals texts for storage in the table, under data keys that functions with the capability can read. */
export interface Sealer {
  seal(text: string, context: SealContext): Promise<string>;
  /**
   * Returns the text; undefined when the data key that sealed it no longer exists.
   *
   * @throws IntegrityError for an altered text, or another context.
   */
  open(sealed: string, context: SealContext): Promise<string | undefined>;
}
