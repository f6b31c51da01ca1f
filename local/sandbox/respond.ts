import { setTimeout as wait } from 'node:timers/promises';
import { type ProviderSource, readProviders } from '../../shared/catalog/compile.ts';
import type { Situation } from '../../shared/catalog/example-schema.ts';
import { renderExample } from '../../shared/catalog/examples.ts';
import { builtInProviders, memoize } from '../../shared/catalog/index.ts';
import type { ProviderResponse } from '../../shared/catalog/responses.ts';
import { withAccount, withGeneratedAccount } from './account.ts';
import { CredentialRegistry, digestOf } from './credentials.ts';
import {
  type FaultMode,
  faultResponses,
  RATE_LIMIT_SECONDS,
  SLOW_MS,
  undocumentedResponse,
} from './faults.ts';
import { type Authentication, authenticateAccessToken } from './oauth/authenticate.ts';
import { type OAuthState, openOAuthState } from './oauth/state.ts';
import { isStandIn } from './open.ts';
import { type ReceivedRequest, SandboxProvider } from './provider.ts';
import type { SandboxRequest } from './request.ts';
import { RequestLog } from './request-log.ts';

/** Request with credentials that its provider issued. */
export interface AuthenticatedRequest {
  /** Id of the credentials, or of the grant of an access token. */
  readonly id: string;
  /** Template of the path; undefined where the entry documents no such request. */
  readonly path: string | undefined;
}

export interface SandboxState {
  readonly providers: readonly SandboxProvider[];
  readonly credentials: CredentialRegistry;
  readonly faults: Map<string, FaultMode>;
  readonly requests: RequestLog;
  readonly oauth: OAuthState;
  /** Called for each request with credentials that its provider issued. */
  readonly onAuthenticated?: ((request: AuthenticatedRequest) => void) | undefined;
}

export interface SandboxStateOptions {
  /**
   * SQLite file of the issued credentials, as digests. Grants are in a file beside it. Left out, both
   * live in memory.
   */
  readonly dataFile?: string;
  /** Folders of providers, later ones overriding; those that come with the project when left out. */
  readonly providerFolders?: readonly string[] | undefined;
  readonly onAuthenticated?: SandboxState['onAuthenticated'];
}

/**
 * Loads the sandbox's providers and the credentials that they issued.
 *
 * @throws CatalogError when a folder of providers is invalid; Error when the data file is not the sandbox's.
 */
export function openSandboxState(options: SandboxStateOptions): SandboxState {
  const { dataFile, providerFolders, onAuthenticated } = options;
  const providers = providerFolders === undefined ? builtIn() : toProviders(readProviders(providerFolders));
  const requests = new RequestLog();
  const credentials = new CredentialRegistry(dataFile);
  return {
    providers,
    credentials,
    faults: new Map(),
    requests,
    oauth: openOAuthState(providers, { requests, credentials }, dataFile),
    onAuthenticated,
  };
}

function toProviders(sources: readonly ProviderSource[]): readonly SandboxProvider[] {
  return sources.map(({ entry }) => new SandboxProvider(entry));
}

/** The providers that come with the project. They keep no state, so that all sandboxes of a process share them. */
const builtIn = memoize(() => toProviders(builtInProviders()));

/** Outcome as the request log names it, and the response; undefined for a provider that never responds. */
interface Outcome {
  readonly outcome: Situation | FaultMode | 'not_found';
  readonly response: ProviderResponse | undefined;
}

/** Responds as the provider at the request's host; undefined when it never responds. */
export async function respondAsProvider(
  request: SandboxRequest,
  state: SandboxState,
): Promise<ProviderResponse | undefined> {
  const received = matchProvider(request, state);
  if (received === undefined) return jsonResponse(404, { error: 'the sandbox has no provider at this host' });
  const { id } = received.provider.entry;
  const fault = state.faults.get(id) ?? 'none';
  const { outcome, response } = outcomeOf(received, request, fault, state);
  state.requests.add({
    at: new Date().toISOString(),
    provider: id,
    method: request.method,
    host: request.host,
    path: received.documented?.path ?? '(not documented)',
    outcome,
  });
  if (fault === 'slow') await wait(SLOW_MS);
  return response;
}

/**
 * Chooses among the providers of a host the one that issued the credentials, valid or not, else one that documents the
 * path.
 */
function matchProvider(request: SandboxRequest, state: SandboxState): ReceivedRequest | undefined {
  const isOpen = isStandIn(request.host, state.credentials);
  const matching = state.providers
    .filter(({ entry }) => (entry.open === true) === isOpen)
    .flatMap((provider) => provider.match(request));
  if (matching.length < 2) return matching[0];
  const isKnown = (received: ReceivedRequest) => {
    const result = authenticate(received, state, new Date());
    return 'issued' in result || !['missing', 'unknown'].includes(result.refusal);
  };
  // A service that a user names may be any of the open entries: the one that the request carries most for.
  const ordered = isOpen ? matching.toSorted((a, b) => specificity(b) - specificity(a)) : matching;
  return ordered.find(isKnown) ?? ordered.find(({ documented }) => documented) ?? ordered[0];
}

function specificity({ documented, credentials = {} }: ReceivedRequest): number {
  const ofPath = documented?.path.startsWith('/') ? 20 : 0;
  return Object.keys(credentials).length + (documented ? 10 : 0) + ofPath;
}

/** Authenticates by an access token of a grant, else by credentials that a control issued. */
function authenticate(
  { provider: { entry }, credentials }: ReceivedRequest,
  state: SandboxState,
  now: Date,
): Authentication {
  return (
    authenticateAccessToken(entry, credentials, state.oauth, now) ??
    state.credentials.authenticate(entry.id, credentials, now)
  );
}

function outcomeOf(
  received: ReceivedRequest,
  request: SandboxRequest,
  fault: FaultMode,
  state: SandboxState,
): Outcome {
  const { provider, documented, credentials } = received;
  const now = new Date();
  const isUndocumented = (situation: Situation) =>
    provider.entry.undocumented?.some((each) => each === situation) ?? false;
  const documentedFor = (situation: Situation): Outcome => ({
    outcome: situation,
    response: isUndocumented(situation)
      ? undocumentedResponse
      : renderExample(provider.example(situation, documented?.kind), {
          fields: credentials ?? {},
          scopes: [],
          expiresAt: null,
          retryAfterSeconds: RATE_LIMIT_SECONDS,
          now,
        }),
  });
  if (fault === 'hang') return { outcome: fault, response: undefined };
  if (fault === 'rate_limited') return documentedFor(fault);
  if (faultResponses[fault] !== undefined) return { outcome: fault, response: faultResponses[fault] };
  const result = authenticate(received, state, now);
  if ('refusal' in result) return documentedFor(result.refusal);
  state.onAuthenticated?.({ id: result.issued.id, path: documented?.path });
  if (fault === 'forbidden') return documentedFor(fault);
  if (documented === undefined)
    return { outcome: 'not_found', response: jsonResponse(404, { error: 'not found' }) };
  const { examples } = provider.entry;
  if (examples.some(({ header }) => header !== undefined && request.headers[header] === undefined)) {
    return documentedFor('header_missing');
  }
  return { outcome: 'ok', response: okResponse({ provider, documented, credentials }, result.issued, now) };
}

function okResponse(
  { provider, documented, credentials: fields = {} }: ReceivedRequest,
  { account, expiresAt, scopes }: Extract<Authentication, { readonly issued: unknown }>['issued'],
  now: Date,
): ProviderResponse {
  const { entry } = provider;
  const response = renderExample(provider.example('ok', documented?.kind, scopes), {
    fields,
    scopes,
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    retryAfterSeconds: RATE_LIMIT_SECONDS,
    now,
  });
  if (documented?.kind !== 'probe') return response;
  return account === null
    ? withGeneratedAccount(entry, response, digestOf(`account of ${entry.id}`, fields), fields)
    : withAccount(entry, response, account, fields);
}

/** Creates a JSON response. */
export function jsonResponse(status: number, body: unknown): ProviderResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
