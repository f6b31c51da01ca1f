import type { Provider } from '../../catalog/schema.ts';
import type { Account } from '../model/connection.ts';
import type { StatusReason } from '../terms.ts';
import type { Credentials } from './credentials.ts';

/** Why a provider gave no usable response. None of these says anything about the credentials. */
export type UnavailableCause =
  | 'timeout'
  | 'dns'
  /** No host of that name exists, as opposed to a failing resolver. */
  | 'host_not_found'
  | 'tls'
  | 'network'
  | 'blocked_address'
  | 'server_error'
  | 'redirect'
  /** The platform has no OAuth client at the provider. */
  | 'not_configured'
  | 'unexpected_response';

/** The result of a probe. A rejection and an outage are distinct, so that an outage never counts as a rejection. */
export type Verification =
  | { readonly outcome: 'ok'; readonly account: Account | null; readonly expiresAt: string | null }
  | { readonly outcome: 'rejected'; readonly reason: StatusReason }
  | { readonly outcome: 'rate_limited'; readonly retryAfterSeconds: number }
  | {
      readonly outcome: 'unavailable';
      readonly cause: UnavailableCause;
      readonly retryAfterSeconds: number;
    };

/** A successful verification. */
export type Verified = Extract<Verification, { outcome: 'ok' }>;

/** Probes providers. */
export interface Verifier {
  /**
   * Sends the provider's documented probe. Returns within 5 seconds, and never throws for the provider's behavior: every
   * network or provider failure is an `unavailable` outcome.
   */
  verify(provider: Provider, credentials: Credentials): Promise<Verification>;
}

/** Port of every operation that probes providers. */
export interface VerifierPort {
  readonly verifier: Verifier;
}

/** Port of the workers, which bound the calls to each provider. */
export interface CallLimitsPort {
  readonly callLimits: CallLimits;
}

/** Calls per second that all checks together may make. */
export interface CallLimits {
  /** To a provider whose catalog entry gives no limit. */
  readonly defaultPerSecond: number;
  /** To single providers, by their ids, whatever their entries give. */
  readonly perSecondOf: Readonly<Record<string, number>>;
}
