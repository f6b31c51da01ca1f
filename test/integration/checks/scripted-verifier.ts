import type { Verification, Verifier } from '../../../shared/domain/credentials/verification.ts';
import type { Ports } from '../../harness/process.ts';

const TOKEN = 'sample-token-';

export const OK: Verification = {
  outcome: 'ok',
  account: { id: 'account-one', label: 'one' },
  expiresAt: null,
};
export const DOWN: Verification = { outcome: 'unavailable', cause: 'timeout', retryAfterSeconds: 60 };

/** Returns the verification of an account that is over its rate limit. */
export function rateLimited(retryAfterSeconds: number): Verification {
  return { outcome: 'rate_limited', retryAfterSeconds };
}

/** Replaces the verifier by a script, which knows credentials by their name. `verified` collects the names. */
export function withScript(ports: Ports, script: (name: string) => Verification) {
  const verified: string[] = [];
  const verify: Verifier['verify'] = async (_provider, credentials) => {
    const token = Object.values(credentials.reveal()).find((value) => value.startsWith(TOKEN)) ?? '';
    const name = token.slice(TOKEN.length);
    verified.push(name);
    return script(name);
  };
  return { verified, ports: { ...ports, verifier: { verify } } };
}
