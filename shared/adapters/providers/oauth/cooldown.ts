import type { Clock } from '../../../domain/operation-context.ts';

/** Failures in a row after which a token endpoint is left alone; fewer may be one caller's bad luck. */
const TOLERATED_FAILURES = 2;
const MAX_SECONDS = 60;

/** Keeps calls away from token endpoints that fail. Of one process: the others notice for themselves. */
export interface Cooldown {
  /** Returns the whole seconds for which the endpoint is left alone; 0 when it may be called. */
  remaining(endpoint: string): number;
  /** Records a failure, with the wait that the provider asked for, and returns the seconds until a call makes sense. */
  failed(endpoint: string, askedSeconds: number | undefined): number;
  responded(endpoint: string): void;
}

/**
 * Creates cooldowns that begin with the third failure in a row, at 2 seconds, and double with each further one to a minute.
 * A wait that the provider asks for begins at once.
 */
export function createCooldown(clock: Clock): Cooldown {
  const endpoints = new Map<string, { readonly failures: number; readonly until: number }>();
  const remaining = (endpoint: string) => {
    const until = endpoints.get(endpoint)?.until ?? 0;
    return Math.max(0, Math.ceil((until - clock.now().getTime()) / 1000));
  };
  return {
    remaining,
    failed(endpoint, askedSeconds = 0) {
      const failures = (endpoints.get(endpoint)?.failures ?? 0) + 1;
      const own = failures > TOLERATED_FAILURES ? 2 ** (failures - TOLERATED_FAILURES) : 0;
      const seconds = Math.min(MAX_SECONDS, Math.max(own, askedSeconds));
      endpoints.set(endpoint, { failures, until: clock.now().getTime() + seconds * 1000 });
      return Math.max(1, seconds);
    },
    responded(endpoint) {
      endpoints.delete(endpoint);
    },
  };
}
