import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Refusal } from './service.ts';

const record = z.strictObject({
  id: z.string(),
  provider: z.string(),
  digest: z.string(),
  account: z.nullable(z.strictObject({ id: z.string(), label: z.string() })),
  expiresAt: z.nullable(z.string()),
  scopes: z.array(z.string()),
  revoked: z.boolean(),
});

/** Credentials that a third party knows; only their digest is kept. */
export type Accepted = z.infer<typeof record>;

type Fields = Readonly<Record<string, string>>;
/** Credentials that a third party gives out. */
export interface NewCredentials extends Pick<Accepted, 'provider' | 'account' | 'expiresAt' | 'scopes'> {
  readonly fields: Fields;
}

type Finding = { readonly accepted: Accepted } | { readonly refusal: Refusal };

/** The same for the same credentials of the same provider, and telling nothing of them. */
export function digestOf(provider: string, fields: Fields): string {
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([provider, sorted]))
    .digest('hex');
}

/** The credentials that third parties accept, kept in a file that survives the process at any moment. */
export class AcceptedCredentials {
  readonly #file: string;
  readonly #records = new Map<string, Accepted>();
  readonly #byDigest = new Map<string, string>();

  constructor(file: string) {
    this.#file = file;
    for (const known of readRecords(file)) this.#keep(known);
  }

  /** Accepted from now on, by their ids; the same credentials given again replace what was known of them. */
  acceptAll(given: readonly NewCredentials[]): string[] {
    const ids = given.map(({ provider, fields, ...about }) => {
      const digest = digestOf(provider, fields);
      const before = this.#byDigest.get(digest);
      if (before !== undefined) this.#records.delete(before);
      const id = `cred_${randomUUID()}`;
      this.#keep({ id, provider, digest, revoked: false, ...about });
      return id;
    });
    this.#write();
    return ids;
  }

  /** Taken back: refused from now on. False when there are none of this id. */
  revoke(id: string): boolean {
    const known = this.#records.get(id);
    if (known === undefined) return false;
    this.#keep({ ...known, revoked: true });
    this.#write();
    return true;
  }

  /** What a provider says to what a request presents. */
  find(provider: string, fields: Fields | undefined, now: Date): Finding {
    if (fields === undefined) return { refusal: 'missing' };
    const accepted = this.#records.get(this.#byDigest.get(digestOf(provider, fields)) ?? '');
    if (accepted === undefined) return { refusal: 'unknown' };
    if (accepted.revoked) return { refusal: 'revoked' };
    const expired = accepted.expiresAt !== null && new Date(accepted.expiresAt) <= now;
    return expired ? { refusal: 'expired' } : { accepted };
  }

  #keep(accepted: Accepted): void {
    this.#records.set(accepted.id, accepted);
    this.#byDigest.set(accepted.digest, accepted.id);
  }

  /** A rename is whole or not at all, so a killed process leaves the old file or the new one. */
  #write(): void {
    const next = `${this.#file}.next`;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(next, JSON.stringify([...this.#records.values()]), { mode: 0o600 });
    renameSync(next, this.#file);
  }
}

function readRecords(file: string): Accepted[] {
  try {
    return z.array(record).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Error(`${file} holds no credentials of the sandbox`, { cause: error });
  }
}
