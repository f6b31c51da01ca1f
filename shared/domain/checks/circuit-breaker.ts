import type { UnavailableCause, Verification } from '../credentials/verification.ts';

/** How long a provider is left alone when none of its answers was one. */
const TROUBLE_PAUSE_SECONDS = 60;
/** How many have to be told to wait, or get no answer, before it says something of the provider. */
const FEW = { limited: 2, unanswered: 3 };

/** Trouble of the address that a customer typed in, of a provider whose customers each have a host. */
const OF_ONE_HOST: ReadonlySet<UnavailableCause> = new Set(['host_not_found', 'tls', 'blocked_address']);

/**
 * For how many seconds a provider is to be left alone after the answers of a round; 0 to go on. Most quotas are an
 * account's own, so one that is over its quota is its own trouble, and so is a host that nobody answers at.
 */
export function cooldownAfter(responses: readonly Verification[]): number {
  const limits = responses.flatMap((one) => (one.outcome === 'rate_limited' ? [one.retryAfterSeconds] : []));
  if (limits.length >= FEW.limited && limits.length * 2 >= responses.length) return Math.max(...limits);
  const silent = responses.filter((one) => one.outcome === 'unavailable' && !OF_ONE_HOST.has(one.cause));
  const isSilent = silent.length >= FEW.unanswered && silent.length === responses.length;
  return isSilent ? TROUBLE_PAUSE_SECONDS : 0;
}
