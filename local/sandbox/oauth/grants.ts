import { createHash, randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { DataFile } from '../data-file.ts';

/** Times are milliseconds since the epoch; null where there is no end. */
const end = z.nullable(z.int());
const values = z.record(z.string(), z.string());
const accessToken = z.strictObject({ digest: z.string(), expiresAt: end });
const refreshToken = z.strictObject({
  digest: z.string(),
  expiresAt: end,
  /** First use of a token that was replaced then; null while it is current. */
  replacedAt: end,
});
const grant = z.strictObject({
  id: z.string(),
  provider: z.string(),
  /** Id of the OAuth client, as it sent it. */
  clientId: z.string(),
  account: z.strictObject({ id: z.string(), label: z.string() }),
  scopes: z.array(z.string()),
  /** Fields in the address of the authorization endpoint. */
  fields: values,
  /** Values of the entry's `keep`, by name. */
  kept: values,
  createdAt: z.int(),
  /** Null for a grant to a project's own client or service account. */
  code: z.nullable(
    z.strictObject({
      digest: z.string(),
      redirectUri: z.string(),
      /** S256 code challenge (RFC 7636); null where the client sent none. */
      challenge: z.nullable(z.string()),
      expiresAt: z.int(),
      used: z.boolean(),
    }),
  ),
  accessTokens: z.array(accessToken),
  refreshTokens: z.array(refreshToken),
  /** Number of answered refreshes. */
  refreshed: z.int(),
  revoked: z.boolean(),
});

/** Grant of a user to an OAuth client, with its code and its tokens, by their digests. */
export type Grant = z.infer<typeof grant>;

type AccessToken = z.infer<typeof accessToken>;
export type RefreshToken = z.infer<typeof refreshToken>;

/** Consent of a user, from which a grant and its code are made. */
export interface NewGrant
  extends Pick<Grant, 'provider' | 'clientId' | 'account' | 'scopes' | 'fields' | 'kept'> {
  readonly redirectUri: string;
  readonly challenge: string | null;
}

/** Lifetime of a code: the longest that RFC 6749, section 4.1.2, recommends. */
const CODE_MS = 600_000;
/** Tokens of each kind that a grant remembers, so that the file does not grow with every refresh. */
const REMEMBERED_TOKENS = 50;

/** A code or token, of which only the digest is stored. */
interface NewToken {
  readonly text: string;
  readonly digest: string;
}

/** Makes up a code or token and returns it with its digest. */
export function makeToken(prefix: 'code' | 'at' | 'rt'): NewToken {
  const text = `${prefix}-${randomBytes(24).toString('base64url')}`;
  return { text, digest: digestOfToken(text) };
}

/** Makes up an access token that is a JWT (RFC 7519) with these claims. Its signature is made up too. */
export function makeJwt(claims: Readonly<Record<string, string>>): NewToken {
  const encode = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const signature = randomBytes(32).toString('base64url');
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ jti: randomUUID(), ...claims })}.${signature}`;
  return { text, digest: digestOfToken(text) };
}

/** Grants of the sandbox's providers, in a file that holds every change whenever the process ends. */
export class GrantRegistry {
  readonly #file: DataFile<Grant>;
  readonly #grants = new Map<string, Grant>();
  /** Ids of grants by the digests of their codes and tokens. */
  readonly #idByDigest = new Map<string, string>();

  /** @throws Error when the file holds anything else. */
  constructor(file: string | undefined) {
    this.#file = new DataFile(file);
    for (const stored of this.#file.read(grant)) this.#keep(stored);
  }

  /** Adds a grant and returns its code. It lives once the code is exchanged. */
  add({ redirectUri, challenge, ...consent }: NewGrant, now: Date): string {
    const { text, digest } = makeToken('code');
    const expiresAt = now.getTime() + CODE_MS;
    this.save({
      ...newGrant(consent, now),
      code: { digest, redirectUri, challenge, expiresAt, used: false },
    });
    return text;
  }

  /** Returns the grant to a project's own client or service account, which is made at its first request. */
  ofClient(client: Omit<NewGrant, 'redirectUri' | 'challenge'>, now: Date): Grant {
    const known = [...this.#grants.values()].find(
      ({ provider, clientId, code, revoked }) =>
        provider === client.provider && clientId === client.clientId && code === null && !revoked,
    );
    return known ?? newGrant(client, now);
  }

  /** Stores a changed grant. */
  save(changed: Grant): void {
    this.#keepAndAppend([
      {
        ...changed,
        accessTokens: changed.accessTokens.slice(-REMEMBERED_TOKENS),
        refreshTokens: changed.refreshTokens.slice(-REMEMBERED_TOKENS),
      },
    ]);
  }

  /** Finds the grant that a code or token belongs or belonged to. */
  find(codeOrToken: string): Grant | undefined {
    return this.#grants.get(this.#idByDigest.get(digestOfToken(codeOrToken)) ?? '');
  }

  /** Lists the exchanged grants of a provider, oldest first; of all providers for null. */
  list(provider: string | null): readonly Grant[] {
    return [...this.#grants.values()].filter(
      (each) => each.code?.used !== false && (provider === null || each.provider === provider),
    );
  }

  /** Revokes the grants that match and returns their number. */
  revoke(matches: (grant: Grant) => boolean): number {
    const revoked = [...this.#grants.values()].filter((each) => !each.revoked && matches(each));
    this.#keepAndAppend(revoked.map((each) => ({ ...each, revoked: true })));
    return revoked.length;
  }

  #keep(stored: Grant): void {
    this.#grants.set(stored.id, stored);
    for (const { digest } of [...stored.accessTokens, ...stored.refreshTokens]) {
      this.#idByDigest.set(digest, stored.id);
    }
    if (stored.code !== null) this.#idByDigest.set(stored.code.digest, stored.id);
  }

  #keepAndAppend(changed: readonly Grant[]): void {
    for (const each of changed) this.#keep(each);
    this.#file.append(changed, this.#grants);
  }
}

function newGrant(consent: Omit<NewGrant, 'redirectUri' | 'challenge'>, now: Date): Grant {
  return {
    ...consent,
    id: `grant_${randomUUID()}`,
    createdAt: now.getTime(),
    code: null,
    accessTokens: [],
    refreshTokens: [],
    refreshed: 0,
    revoked: false,
  };
}

/** Finds the record of a code or token in a list. */
export function recordOf<T extends { readonly digest: string }>(
  records: readonly T[],
  token: string,
): T | undefined {
  const digest = digestOfToken(token);
  return records.find((each) => each.digest === digest);
}

/** Returns true while a grant has a token that works: one to refresh with, or an access token. */
export function isAlive({ revoked, accessTokens, refreshTokens }: Grant, now: Date): boolean {
  const isCurrent = ({ expiresAt }: AccessToken) => expiresAt === null || expiresAt > now.getTime();
  const canRefresh = refreshTokens.some((token) => token.replacedAt === null && isCurrent(token));
  return !revoked && (canRefresh || accessTokens.some(isCurrent));
}

function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
