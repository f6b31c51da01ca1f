import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { DataFile } from './data-file.ts';

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

/** Credentials that the sandbox's providers issued, in a file that holds every change whenever the process ends. */
export class CredentialRegistry {
  readonly #file: DataFile<IssuedCredentials>;
  readonly #records = new Map<string, IssuedCredentials>();
  readonly #idByDigest = new Map<string, string>();
  readonly #hosts = new Set<string>();

  /** @throws Error when the file holds anything else. */
  constructor(file: string | undefined) {
    this.#file = new DataFile(file);
    for (const issued of this.#file.read(record)) this.#keep(issued);
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
    const issued = this.#records.get(id);
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
    const issued = this.#records.get(this.#idByDigest.get(digestOf(provider, fields)) ?? '');
    return checkIssued(issued, now);
  }

  /** Authenticates a service account by what its key signed. */
  authenticateServiceAccount(
    provider: string,
    email: string,
    hasSigned: (publicKey: string) => boolean,
    now: Date,
  ): ReturnType<typeof checkIssued> {
    const issued = [...this.#records.values()].find(
      (each) =>
        each.provider === provider &&
        each.serviceAccount?.email === email &&
        hasSigned(each.serviceAccount.publicKey),
    );
    return checkIssued(issued, now);
  }

  /** Returns true for a host that credentials were issued for. */
  hasHost(host: string): boolean {
    return this.#hosts.has(host);
  }

  #save(changed: readonly IssuedCredentials[]): void {
    for (const issued of changed) this.#keep(issued);
    this.#file.append(changed, this.#records);
  }

  /** Keeps a record in the place of any other one of the same credentials. */
  #keep(issued: IssuedCredentials): void {
    this.#records.delete(this.#idByDigest.get(issued.digest) ?? '');
    this.#records.set(issued.id, issued);
    this.#idByDigest.set(issued.digest, issued.id);
    if (issued.host !== undefined) this.#hosts.add(issued.host);
  }
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
