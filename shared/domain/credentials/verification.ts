import type { Provider } from '../../catalog/schema.ts';
import type { Account, StatusReasonCode } from '../connections/connection.ts';
import type { Credentials } from './credentials.ts';

/** Why a provider could not be asked; none of these says anything about the credentials. */
export type UnavailableCause =
  | 'timeout'
  | 'dns'
  /** There is no host of that name, as against a resolver in trouble. */
  | 'host_not_found'
  | 'tls'
  | 'network'
  | 'blocked_address'
  | 'server_error'
  | 'redirect'
  | 'unexpected_answer';

/** What a provider said of credentials, told apart so that an outage is never taken for a refusal. */
export type Verification =
  | { readonly outcome: 'ok'; readonly account: Account | null; readonly expiresAt: string | null }
  | { readonly outcome: 'rejected'; readonly reason: StatusReasonCode }
  | { readonly outcome: 'rate_limited'; readonly retryAfterSeconds: number }
  | {
      readonly outcome: 'unavailable';
      readonly cause: UnavailableCause;
      readonly retryAfterSeconds: number;
    };

/** Asks a provider, by its documented probe, whether credentials work. */
export interface Verifier {
  /**
   * Answers within 5 seconds and never throws for what the provider does: every fault of the network or of
   * the provider is an `unavailable` outcome.
   */
  verify(provider: Provider, credentials: Credentials): Promise<Verification>;
}
