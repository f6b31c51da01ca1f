import { completeRequests } from '../../catalog/open.ts';
import {
  type Classification,
  classify,
  type ParsedResponse,
  parseResponse,
  readAccount,
  readExpiry,
  retryAfterSeconds,
} from '../../catalog/responses.ts';
import type { Provider } from '../../catalog/schema.ts';
import { DEFAULT_WAIT_SECONDS } from '../../catalog/times.ts';
import type { Verification, Verifier } from '../../domain/credentials/verification.ts';
import type { Clock } from '../../domain/operation-context.ts';
import { type ClientOptions, createClient, type ProviderClient, ProviderError } from './client.ts';
import { buildRequest } from './request.ts';

/** Longest time that a user waits for a provider, from DNS to the last byte. */
const TIMEOUT_MS = 5_000;

export interface VerifierOptions extends ClientOptions {
  /** Milliseconds for a whole verification; 5000 when left out. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** One verification, with everything that its requests need. */
interface Attempt {
  readonly provider: Provider;
  readonly credentials: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly client: ProviderClient;
  readonly clock: Clock;
}

/** Creates the verifier that sends the catalog's probes to the providers. */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  const { timeoutMs = TIMEOUT_MS, clock = { now: () => new Date() } } = options;
  // Probes only read, so that one may be sent again.
  const client = createClient({ reusesConnections: true, ...options });
  return {
    async verify(provider, credentials) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const values = credentials.reveal();
        const completed = completeRequests(provider, values);
        if (completed === undefined) throw new ProviderError('blocked_address');
        return await probe({ provider: completed, credentials: values, signal, client, clock });
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return { outcome: 'unavailable', cause: error.reason, retryAfterSeconds: DEFAULT_WAIT_SECONDS };
      }
    },
  };
}

async function probe(attempt: Attempt): Promise<Verification> {
  const { provider, credentials } = attempt;
  const { response, classification } = await sendProbe(attempt);
  if (classification !== 'ok') return toVerification(attempt, response, classification);
  const account = readAccount(provider, response, credentials);
  if (provider.expiry?.request === undefined) {
    return { outcome: 'ok', account, expiresAt: readExpiry(provider, response) };
  }
  const expiring = await send(attempt, provider.expiry.request);
  if (expiring.status === 200 && expiring.json !== undefined) {
    return { outcome: 'ok', account, expiresAt: readExpiry(provider, expiring) };
  }
  // Credentials that work may still not be allowed to read their own expiry.
  if (isRefused(expiring.status)) return { outcome: 'ok', account, expiresAt: null };
  return expiryUnavailable(attempt, expiring);
}

async function sendProbe(attempt: Attempt) {
  const { provider } = attempt;
  const { probe, olderProbe } = provider;
  const response = await send(attempt, probe);
  const classification = classify(provider, response);
  if (classification !== 'unexpected_response' || olderProbe === undefined) {
    return { response, classification };
  }
  const older = await send(attempt, { ...olderProbe, path: probe.path });
  return { response: older, classification: classify(provider, older) };
}

async function send(
  { provider, credentials, signal, client }: Attempt,
  documented: Provider['probe'],
): Promise<ParsedResponse> {
  return parseResponse(await client(buildRequest(provider, credentials, documented), signal));
}

function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

/**
 * Fails the verification where the expiry could not be read this time, so that a known expiry stays recorded.
 */
function expiryUnavailable(attempt: Attempt, response: ParsedResponse): Verification {
  const classification = classify(attempt.provider, response);
  switch (classification) {
    case 'ok':
    case 'credentials_expired':
    case 'access_revoked':
    case 'access_changed':
      return toVerification(attempt, response, 'unexpected_response');
    default:
      return toVerification(attempt, response, classification);
  }
}

function toVerification(
  { provider, clock }: Attempt,
  response: ParsedResponse,
  classification: Exclude<Classification, 'ok'>,
): Verification {
  const wait = retryAfterSeconds(provider, response, clock.now());
  switch (classification) {
    case 'credentials_expired':
    case 'access_revoked':
    case 'access_changed':
      return { outcome: 'rejected', reason: classification };
    case 'rate_limited':
      return { outcome: 'rate_limited', retryAfterSeconds: wait };
    default:
      return { outcome: 'unavailable', cause: classification, retryAfterSeconds: wait };
  }
}
