import type { Verification } from '../../../shared/domain/credentials/verification.ts';
import type { Ports } from './process.ts';

const TOKEN = 'sample-token-';

export const OK: Verification = {
  outcome: 'ok',
  account: { id: 'account-one', label: 'one' },
  expiresAt: null,
};
export const DOWN: Verification = { outcome: 'unavailable', cause: 'timeout', retryAfterSeconds: 60 };
export const waitFor = (retryAfterSeconds: number): Verification => ({
  outcome: 'rate_limited',
  retryAfterSeconds,
});

/** A process whose providers answer as a script has it, by the name that the credentials go by. */
export function scripted(ports: Ports, answer: (name: string) => Verification) {
  const asked: string[] = [];
  const verify: Ports['verify'] = async (_provider, credentials) => {
    const token = Object.values(credentials.reveal()).find((value) => value.startsWith(TOKEN)) ?? '';
    const name = token.slice(TOKEN.length);
    asked.push(name);
    return answer(name);
  };
  return { asked, ports: { ...ports, verify } };
}
