import type { Provider } from '../../catalog/schema.ts';
import { placeholders } from '../../catalog/templates.ts';
import {
  type CredentialSource,
  enteredCredentials,
  requireFields,
  type VerifiedCredentials,
  type VerifyPorts,
  verifyTokens,
} from '../credentials/accept.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { TokenOwner, TokenSet } from '../credentials/oauth.ts';
import {
  isAuthorized,
  requireOAuth2,
  requireParty,
  sealAccessToken,
  toStoredCredentials,
} from '../credentials/tokens.ts';
import { invalid, type ValidationIssue } from '../errors.ts';
import type { Account } from '../model/connection.ts';
import { addSeconds, timestamp } from '../operation-context.ts';

/** Credentials of a connection at another platform. */
export interface ImportedCredentials {
  /**
   * Values of the provider's fields. Of a provider that users authorize: `refreshToken`, `accessToken` and `tokenType`, the
   * entered fields, and the values of the entry's `keep`.
   */
  readonly credentials: Credentials;
  /** End of the access token; null if it does not end, undefined if that is not known. */
  readonly accessTokenExpiresAt: string | null | undefined;
  /** The OAuth client that the tokens were issued to. */
  readonly clientId: string | undefined;
  readonly account: Account | null;
  /** End of the credentials; null if they do not end, undefined if that is not known. */
  readonly expiresAt: string | null | undefined;
}

/**
 * When the provider verifies imported credentials. A refresh token is verified after the commit, under the lease of a
 * refresh: its use may replace it, and a replacement is stored before anything else.
 */
export type VerificationTime = 'before_commit' | 'after_commit' | 'never';

/** An access token that ends sooner is not worth a request. */
const MIN_VALIDITY_SECONDS = 60;

/** Returns when the provider can verify the credentials: at once by a key or a live access token. */
export function verificationTime(
  provider: Provider,
  imported: ImportedCredentials,
  now: Date,
): Exclude<VerificationTime, 'never'> {
  if (!isAuthorized(provider)) return 'before_commit';
  const { accessToken, refreshToken } = readTokens(provider, imported);
  if (refreshToken === undefined) return 'before_commit';
  return accessToken !== undefined && isLive(imported, now) ? 'before_commit' : 'after_commit';
}

/** An unknown end counts as past: the token can be obtained anew. */
function isLive({ accessTokenExpiresAt: end }: ImportedCredentials, now: Date): boolean {
  if (end === undefined) return false;
  return end === null || end > timestamp(addSeconds(now, MIN_VALIDITY_SECONDS));
}

/** Returns the source of imported credentials. None are given up when the import fails: the other platform has them too. */
export function importedSource(
  provider: Provider,
  imported: ImportedCredentials,
  time: VerificationTime,
  ports: VerifyPorts,
): CredentialSource {
  const { credentials, account, expiresAt } = imported;
  const entered = enteredCredentials({ credentials, expiresAt: expiresAt ?? undefined }, ports);
  const verify = async (owner: TokenOwner): Promise<VerifiedCredentials> => {
    if (isAuthorized(provider)) return acceptTokens(provider, imported, { time, owner }, ports);
    if (time === 'before_commit') return entered.verify(provider, owner);
    return { verified: given(imported), credentials, accessToken: null };
  };
  return {
    precheck() {
      if (isAuthorized(provider)) requireTokens(provider, imported);
      else if (time === 'before_commit') entered.precheck(provider);
      else requireFields(provider, credentials.reveal(), 'credentials');
    },
    async verify(_, owner) {
      const { verified, ...rest } = await verify(owner);
      return { ...rest, verified: { ...verified, account: verified.account ?? account } };
    },
    discard: () => Promise.resolve(),
  };
}

/** The facts of the other platform, in place of the provider's verdict. */
function given({ account, expiresAt }: ImportedCredentials) {
  return { outcome: 'ok', account, expiresAt: expiresAt ?? null } as const;
}

async function acceptTokens(
  provider: Provider,
  imported: ImportedCredentials,
  { time, owner }: { readonly time: VerificationTime; readonly owner: TokenOwner },
  ports: VerifyPorts,
): Promise<VerifiedCredentials> {
  const now = ports.clock.now();
  const {
    fields,
    kept,
    accessToken = '',
    refreshToken,
    tokenType = 'Bearer',
  } = readTokens(provider, imported);
  const tokens: TokenSet = {
    ...{ accessToken, tokenType, refreshToken, kept, scopes: null, refreshTokenSeconds: null },
    expiresInSeconds: secondsUntil(imported.accessTokenExpiresAt, now),
  };
  if (time === 'before_commit') {
    const { verified, ...rest } = await verifyTokens(provider, tokens, { fields, owner }, ports);
    const { expiresAt = verified.expiresAt } = imported;
    return { ...rest, verified: { ...verified, expiresAt } };
  }
  const isUsable = accessToken !== '' && (refreshToken === undefined || isLive(imported, now));
  const isKept = time === 'never' && isUsable;
  return {
    verified: given(imported),
    credentials: toStoredCredentials(provider, tokens, fields),
    accessToken: isKept ? await sealAccessToken({ provider, tokens, fields }, owner, ports) : null,
  };
}

function secondsUntil(end: string | null | undefined, now: Date): number | null {
  return end ? (Date.parse(end) - now.getTime()) / 1000 : null;
}

/** Separates tokens and kept values from what the user entered, or a discovery found. */
function readTokens(provider: Provider, { credentials }: ImportedCredentials) {
  const { keep = {}, refresh } = requireOAuth2(provider);
  const { accessToken, refreshToken, tokenType, ...others } = credentials.reveal();
  const isKept = (name: string) => Object.hasOwn(keep, name);
  const part = (matches: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(others).filter(([name]) => matches(name)));
  return {
    accessToken,
    tokenType,
    // A provider without refreshes has no use for one.
    refreshToken: refresh && refreshToken,
    kept: part(isKept),
    fields: part((name) => !isKept(name)),
  };
}

/**
 * Checks the names and forms of tokens.
 *
 * @throws DomainError `invalid_request` with every issue, never with a value.
 */
function requireTokens(provider: Provider, imported: ImportedCredentials): void {
  const { accessToken, refreshToken, kept, fields } = readTokens(provider, imported);
  const issues: ValidationIssue[] = [];
  if (accessToken === undefined && refreshToken === undefined) {
    const name = requireOAuth2(provider).refresh ? 'refreshToken' : 'accessToken';
    issues.push({ path: `credentials.${name}`, message: 'is required' });
  }
  const needed = placeholders(JSON.stringify([provider.baseUrl, provider.probe, provider.send]));
  for (const name of Object.keys(requireOAuth2(provider).keep ?? {})) {
    const isMissing = needed.includes(name) && !Object.hasOwn(kept, name);
    if (isMissing) issues.push({ path: `credentials.${name}`, message: 'is required' });
  }
  if (issues.length > 0) throw invalid(issues);
  // Discovered values of an open entry stand beside the entered ones.
  const names = provider.open ? provider.auth.fields.map(({ name }) => name) : Object.keys(fields);
  requireFields(
    provider,
    Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]))),
    'credentials',
  );
}

/**
 * Checks that the stage has the OAuth client that the tokens were issued to: they work with no other.
 *
 * @throws DomainError `provider_not_configured`; `invalid_request` for tokens of another client.
 */
export async function requireSameClient(
  provider: Provider,
  { credentials, clientId }: ImportedCredentials,
  ports: Pick<VerifyPorts, 'oauthClients'>,
): Promise<void> {
  if (!provider.oauth2) return;
  const { client } = await requireParty(provider, credentials.reveal(), ports);
  if (clientId === undefined || clientId === client.clientId) return;
  throw invalid([
    {
      path: 'clientId',
      message: 'is not the OAuth client of this stage, and tokens work with their client only',
    },
  ]);
}
