import { createHash, timingSafeEqual } from 'node:crypto';
import { failure } from '../errors.ts';
import type { AuthorizationStatus } from '../terms.ts';

/** Purpose of an authorization: a new connection of a step, or new credentials of a connection. */
export type AuthorizationTarget =
  | {
      readonly kind: 'create';
      readonly flowId: string;
      readonly stepId: string;
      readonly name?: string | undefined;
    }
  | { readonly kind: 'reconnect'; readonly connectionId: string; readonly allowAccountChange: boolean };

/**
 * One run of the authorization code flow:
 *
 * ```
 * started ── callback ──► returned ── complete ──► completing ──► completed
 *    └─ error of the provider ──► failed             └─ failure ──► failed
 * ```
 */
export interface Authorization {
  /** UUIDv7. Also the id of the connection and credentials version that it creates. */
  readonly id: string;
  readonly projectId: string;
  /** The user who began it, and the only one who can complete it. */
  readonly userId: string;
  readonly providerId: string;
  /** Name of the OAuth client, which has its own redirect URI. */
  readonly client: string;
  readonly redirectUri: string;
  readonly returnTo: string;
  readonly target: AuthorizationTarget;
  /** Values of the entry's address templates that are not secret. */
  readonly fields: Readonly<Record<string, string>>;
  /** All of them, sealed, where some are secret: those of an OAuth client that a project named, or that was registered. */
  readonly sealedFields?: string | undefined;
  /** Issuer that was discovered. */
  readonly issuer?: string | undefined;
  /** True: the redirect must name the issuer. */
  readonly isIssuerSent?: boolean | undefined;
  /** Digest of the secret part of `state`. */
  readonly stateDigest: string;
  /** Sealed PKCE code verifier; null for a provider without PKCE. */
  readonly codeVerifier: string | null;
  readonly status: AuthorizationStatus;
  /** Sealed code and query parameters of the redirect, once returned. */
  readonly returned?: string | undefined;
  /** Digest of the completion code, once returned. */
  readonly completionDigest?: string | undefined;
  /** End of the completion under way. */
  readonly lockedUntil?: string | undefined;
  readonly expiresAt: string;
  /** Another one after every change; the condition of the next one. */
  readonly revision: string;
}

/** An authorization as its next change leaves it. */
type ChangedAuthorization = Omit<Authorization, 'revision'>;

/** Stores authorizations. */
export interface AuthorizationStore {
  create(authorization: ChangedAuthorization): Promise<void>;
  /** Reads strongly consistently. */
  find(id: string): Promise<Authorization | undefined>;
  /** Replaces an authorization and returns it as stored; undefined if it was changed since it was read. */
  replace(before: Authorization, after: ChangedAuthorization): Promise<Authorization | undefined>;
}

/** Port of every operation on authorizations. */
export interface AuthorizationPort {
  readonly authorizations: AuthorizationStore;
}

/** Digests a secret for storage. Secrets here are 256 random bits, so a plain digest reveals nothing. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares a secret with a stored digest in constant time. */
export function matchesDigest(secret: string, digest: string | undefined): boolean {
  if (digest === undefined) return false;
  const actual = Buffer.from(digestOf(secret));
  const expected = Buffer.from(digest);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Returns the context that seals a part of an authorization. */
export function sealContext({ id }: Pick<Authorization, 'id'>, use: 'code-verifier' | 'returned' | 'fields') {
  return { use, authorizationId: id };
}

/** Creates the error of an authorization that does not exist, or that another user began. */
export function authorizationNotFound() {
  return failure('authorization_not_found', 'There is no such authorization, or another user began it.');
}
