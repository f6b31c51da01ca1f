import type { Provider } from '../../catalog/schema.ts';
import type { Credentials } from '../../domain/credentials/credentials.ts';
import type { UnavailableCause, Verification, Verifier } from '../../domain/credentials/verification.ts';
import type { Clock } from '../../domain/operation-context.ts';
import { type Classification, classify, waitAfter } from './classify.ts';
import { type ClientOptions, createClient, type ProviderClient } from './client.ts';
import { ProviderError } from './error.ts';
import { DEFAULT_WAIT, toInstant } from './instants.ts';
import { type ParsedResponse, parseResponse, readAccount, readText } from './reading.ts';
import { buildRequest } from './request.ts';

/** The longest that a person waits for a provider, from the name's look-up to the last byte. */
const TIMEOUT_MS = 5_000;

export interface VerifierOptions extends ClientOptions {
  /** Milliseconds for a whole verification; 5000 when left out. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** One verification under way. */
interface Inquiry {
  readonly provider: Provider;
  readonly fields: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly client: ProviderClient;
  readonly clock: Clock;
}

/** A verifier that asks the providers themselves, by the probes of the catalogue. */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  const { timeoutMs = TIMEOUT_MS, clock = { now: () => new Date() } } = options;
  const client = createClient(options);
  return {
    async verify(provider, credentials: Credentials) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await inquire({ provider, fields: credentials.reveal(), signal, client, clock });
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return { outcome: 'unavailable', cause: error.reason, retryAfterSeconds: DEFAULT_WAIT };
      }
    },
  };
}

async function inquire(inquiry: Inquiry): Promise<Verification> {
  const answer = await ask(inquiry, inquiry.provider.probe);
  const classification = classify(inquiry.provider, answer);
  if (classification !== 'ok') return refusal(inquiry, answer, classification);
  const expiry = await readExpiry(inquiry, answer);
  if (expiry.failure !== undefined) return expiry.failure;
  const account = readAccount(inquiry.provider, answer, inquiry.fields);
  return { outcome: 'ok', account, expiresAt: expiry.expiresAt };
}

async function ask(
  { provider, fields, signal, client }: Inquiry,
  which: Provider['probe'],
): Promise<ParsedResponse> {
  return parseResponse(await client(buildRequest(provider, fields, which), signal));
}

function refusal(
  inquiry: Inquiry,
  answer: ParsedResponse,
  classification: Exclude<Classification, 'ok'>,
): Verification {
  const retryAfterSeconds = waitAfter(inquiry.provider, answer, inquiry.clock.now());
  switch (classification) {
    case 'credentials_expired':
    case 'access_revoked':
    case 'access_changed':
      return { outcome: 'rejected', reason: classification };
    case 'rate_limited':
      return { outcome: 'rate_limited', retryAfterSeconds };
    default:
      return { outcome: 'unavailable', cause: classification, retryAfterSeconds };
  }
}

type Expiry =
  | { readonly expiresAt: string | null; readonly failure?: undefined }
  | { readonly failure: Verification };

/**
 * When the credentials end. A second request that fails in passing makes the whole inquiry fail in passing, so
 * that a known expiry is not forgotten; one that the credentials may not make just tells no expiry.
 */
async function readExpiry(inquiry: Inquiry, probed: ParsedResponse): Promise<Expiry> {
  const { expiry } = inquiry.provider;
  if (expiry === undefined) return { expiresAt: null };
  const answer = expiry.request === undefined ? probed : await ask(inquiry, expiry.request);
  if (answer.status === 200 && answer.json !== undefined) {
    return { expiresAt: toInstant(readText(answer, expiry.read) ?? '') };
  }
  const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  if (refused) return { expiresAt: null };
  const classification = classify(inquiry.provider, answer);
  return {
    failure: refusal(inquiry, answer, isPassing(classification) ? classification : 'unexpected_response'),
  };
}

function isPassing(classification: Classification): classification is UnavailableCause | 'rate_limited' {
  return !['ok', 'credentials_expired', 'access_revoked', 'access_changed'].includes(classification);
}
