import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as z from 'zod/mini';

/** The columns beside the record are what credentials are found by. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS credentials (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    host TEXT,
    provider TEXT NOT NULL,
    email TEXT,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS byHost ON credentials (host) WHERE host IS NOT NULL;
  CREATE INDEX IF NOT EXISTS byEmail ON credentials (email) WHERE email IS NOT NULL;
`;

const record = z.strictObject({
  id: z.string(),
  provider: z.string(),
  digest: z.string(),
  /** Host of the service, where the user named it. */
  host: z.optional(z.string()),
  account: z.nullable(z.strictObject({ id: z.string(), label: z.string() })),
  /** RFC 3339; null when they do not expire. */
  expiresAt: z.nullable(z.string()),
  scopes: z.array(z.string()),
  revoked: z.boolean(),
  /** Key that verifies the assertions of a service account. */
  serviceAccount: z.optional(z.strictObject({ email: z.string(), publicKey: z.string() })),
});
const serviceAccountKey = z.object({ client_email: z.string(), private_key: z.string() });

/** Credentials that a provider issued, by their digest. */
export type IssuedCredentials = z.infer<typeof record>;

type Fields = Readonly<Record<string, string>>;

/** Stands for the address in credentials of an open entry: a request tells the host alone. */
export const HOST = 'host';

/** Credentials that a provider is to accept. */
export interface NewCredentials
  extends Pick<IssuedCredentials, 'provider' | 'account' | 'expiresAt' | 'scopes'> {
  readonly fields: Fields;
}

/** Reason of a provider to refuse a request: no credentials, never issued, revoked, or expired. */
export type Refusal = 'missing' | 'unknown' | 'revoked' | 'expired';

/** Digests credentials; an empty field counts as left out. */
export function digestOf(provider: string, fields: Fields): string {
  const sorted = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([provider, sorted]))
    .digest('hex');
}

const row = z.object({ record: z.string() });

/**
 * Credentials that the sandbox's providers issued, in a SQLite file: however many there are, memory holds none. With
 * write-ahead logging, every change outlives a kill of the process.
 */
export class CredentialRegistry {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #byId: StatementSync;
  readonly #byDigest: StatementSync;
  readonly #byHost: StatementSync;
  readonly #byEmail: StatementSync;

  /**
   * @param file made, for its owner alone, where it does not exist; undefined keeps the credentials in memory.
   * @throws Error when the file is no database.
   */
  constructor(file: string | undefined) {
    if (file !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      closeSync(openSync(file, 'a', 0o600));
    }
    this.#database = new DatabaseSync(file ?? ':memory:', { timeout: 5_000 });
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database.exec(SCHEMA);
    this.#put = this.#database.prepare('REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)');
    this.#byId = this.#database.prepare('SELECT record FROM credentials WHERE id = ?');
    this.#byDigest = this.#database.prepare('SELECT record FROM credentials WHERE digest = ?');
    this.#byHost = this.#database.prepare('SELECT record FROM credentials WHERE host = ? LIMIT 1');
    this.#byEmail = this.#database.prepare('SELECT record FROM credentials WHERE email = ? AND provider = ?');
  }

  /** Issues credentials and returns their ids. Credentials that were issued before are replaced. */
  issue(credentials: readonly NewCredentials[]): string[] {
    const issued = credentials.map(({ provider, fields, ...properties }) => {
      const serviceAccount = readServiceAccount(fields);
      return {
        id: `cred_${randomUUID()}`,
        provider,
        digest: digestOf(provider, fields),
        ...(fields[HOST] !== undefined && { host: fields[HOST] }),
        revoked: false,
        ...properties,
        ...(serviceAccount && { serviceAccount }),
      };
    });
    this.#save(issued);
    return issued.map(({ id }) => id);
  }

  /** Revokes credentials; false when there are none of this id. */
  revoke(id: string): boolean {
    const issued = this.#find(this.#byId, id);
    if (issued === undefined) return false;
    this.#save([{ ...issued, revoked: true }]);
    return true;
  }

  /** Authenticates the credentials of a request. */
  authenticate(
    provider: string,
    fields: Fields | undefined,
    now: Date,
  ): { readonly issued: IssuedCredentials } | { readonly refusal: Refusal } {
    if (fields === undefined) return { refusal: 'missing' };
    return checkIssued(this.#find(this.#byDigest, digestOf(provider, fields)), now);
  }

  /** Authenticates a service account by what its key signed. */
  authenticateServiceAccount(
    provider: string,
    email: string,
    hasSigned: (publicKey: string) => boolean,
    now: Date,
  ): ReturnType<typeof checkIssued> {
    const issued = this.#byEmail
      .all(email, provider)
      .map(toIssued)
      .find(({ serviceAccount }) => serviceAccount !== undefined && hasSigned(serviceAccount.publicKey));
    return checkIssued(issued, now);
  }

  /** Returns true for a host that credentials were issued for. */
  hasHost(host: string): boolean {
    return this.#byHost.get(host) !== undefined;
  }

  close(): void {
    this.#database.close();
  }

  #find(statement: StatementSync, value: string): IssuedCredentials | undefined {
    const found = statement.get(value);
    return found && toIssued(found);
  }

  /** Puts records in the place of any other ones of the same credentials, all of them or none. */
  #save(changed: readonly IssuedCredentials[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const issued of changed) {
        const { id, digest, host = null, provider, serviceAccount } = issued;
        this.#put.run(id, digest, host, provider, serviceAccount?.email ?? null, JSON.stringify(issued));
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function toIssued(found: unknown): IssuedCredentials {
  return record.parse(JSON.parse(row.parse(found).record));
}

function checkIssued(
  issued: IssuedCredentials | undefined,
  now: Date,
): { readonly issued: IssuedCredentials } | { readonly refusal: Refusal } {
  if (issued === undefined) return { refusal: 'unknown' };
  if (issued.revoked) return { refusal: 'revoked' };
  const expired = issued.expiresAt !== null && new Date(issued.expiresAt) <= now;
  return expired ? { refusal: 'expired' } : { issued };
}

/** Reads the public part of a service account's JSON key; undefined where the fields hold none. */
function readServiceAccount({ serviceAccountKey: text }: Fields): IssuedCredentials['serviceAccount'] {
  if (text === undefined) return undefined;
  try {
    const { client_email: email, private_key: privateKey } = serviceAccountKey.parse(JSON.parse(text));
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
    return { email, publicKey: publicKey.toString() };
  } catch {
    return undefined;
  }
}
