import { expect, test } from 'vitest';
import { cooldownAfter } from '../../../shared/domain/checks/circuit-breaker.ts';
import type { UnavailableCause, Verification } from '../../../shared/domain/credentials/verification.ts';

const ok: Verification = { outcome: 'ok', account: null, expiresAt: null };
const rejected: Verification = { outcome: 'rejected', reason: 'access_revoked' };
const limited = (retryAfterSeconds: number): Verification => ({ outcome: 'rate_limited', retryAfterSeconds });
const silent = (cause: UnavailableCause = 'timeout'): Verification => ({
  outcome: 'unavailable',
  cause,
  retryAfterSeconds: 1,
});

test.each<[name: string, responses: readonly Verification[], seconds: number]>([
  ['nothing was asked', [], 0],
  ['all is well', [ok, rejected, ok], 0],
  ['one account is over its quota', [limited(3600)], 0],
  ['two of ten accounts are over their quotas', [limited(60), limited(60), ...Array(8).fill(ok)], 0],
  ['half of the accounts are told to wait', [limited(30), ok, limited(90), rejected], 90],
  ['two get no answer', [silent(), silent()], 0],
  ['nobody gets an answer', [silent(), silent('server_error'), silent('dns')], 60],
  ['one of many gets an answer', [silent(), silent(), silent(), ok], 0],
  ['hosts that were typed in are wrong', Array(5).fill(silent('host_not_found')), 0],
])('where %s, the provider is left alone for as long as that says', (_name, responses, seconds) => {
  expect(cooldownAfter(responses)).toBe(seconds);
});
