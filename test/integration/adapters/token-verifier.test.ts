import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createTokenVerifier } from '../../../shared/adapters/issuers/token-verifier.ts';
import { startIssuer } from '../local/own-issuer.ts';

const NOW = new Date('2026-11-26T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const CLAIMS = { aud: 'api', sub: 'ada', iat: SECONDS - 60, exp: SECONDS + 60 };

type Issuer = Awaited<ReturnType<typeof startIssuer>>;
let pool: Issuer;
let platform: Issuer;
let stranger: Issuer;

beforeAll(async () => {
  [pool, platform, stranger] = await Promise.all([startIssuer(), startIssuer(), startIssuer()]);
});
afterAll(() => Promise.all([pool.close(), platform.close(), stranger.close()]));

/** Verifies by a new verifier, which has no keys yet. */
const verify = (token: string, now = NOW) =>
  createTokenVerifier([
    { issuer: pool.issuer, audience: ['pool-client'] },
    { issuer: platform.issuer, audience: ['other', 'api'], accessTokenType: 'at+jwt' },
  ]).verify(token, now);

/** Signs an access token of the platform's issuer. */
const signed = (claims: object = {}, header: object = {}) =>
  platform.sign({ ...CLAIMS, ...claims }, { typ: 'at+jwt', ...header });

describe('a token', () => {
  test('of each issuer is verified by its own keys, audience and type', async () => {
    const verified = { outcome: 'verified', sub: 'ada', exp: CLAIMS.exp };
    expect(await verify(await signed())).toEqual(verified);
    expect(await verify(await signed({ aud: ['x', 'api'] }))).toEqual(verified);
    const { aud: _, ...ofCognito } = { ...CLAIMS, client_id: 'pool-client', token_use: 'access' };
    expect(await verify(await pool.sign(ofCognito))).toEqual(verified);
  });

  test.each<[string, string, () => Promise<string>]>([
    ['of another issuer', 'issuer', () => stranger.sign(CLAIMS)],
    ['without an issuer', 'issuer', () => signed({ iss: undefined })],
    ['for the audience of the other issuer', 'audience', () => signed({ aud: 'pool-client' })],
    ['for another audience with a good client_id', 'audience', () => signed({ aud: 'x', client_id: 'api' })],
    ['for no audience', 'audience', () => signed({ aud: undefined })],
    ['that ends now', 'exp', () => signed({ exp: SECONDS })],
    ['without an end', 'exp', () => signed({ exp: undefined })],
    ['that is not valid yet', 'nbf', () => signed({ nbf: SECONDS + 1 })],
    ['of the future', 'iat', () => signed({ iat: SECONDS + 1 })],
    ['without a subject', 'sub', () => signed({ sub: undefined })],
    ['of another type', 'type', () => signed({}, { typ: 'JWT' })],
    [
      'that is an ID token of Cognito',
      'type',
      () => pool.sign({ ...CLAIMS, aud: 'pool-client', token_use: 'id' }),
    ],
    ['of an unknown key', 'ERR_JWKS_NO_MATCHING_KEY', () => signed({}, { kid: 'unknown' })],
    [
      'of the first issuer in the name of the second',
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      () => pool.sign({ ...CLAIMS, iss: platform.issuer }, { typ: 'at+jwt' }),
    ],
    [
      'without a signature',
      'ERR_JOSE_ALG_NOT_ALLOWED',
      async () => new UnsecuredJWT({ ...CLAIMS, iss: platform.issuer }).encode(),
    ],
    [
      'signed by HMAC with the public key',
      'ERR_JOSE_ALG_NOT_ALLOWED',
      async () =>
        new SignJWT({ ...CLAIMS, iss: platform.issuer })
          .setProtectedHeader({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })
          .sign(new TextEncoder().encode(await platform.publicKey())),
    ],
    ['that is none', 'ERR_JWT_INVALID', async () => 'a.b.c'],
    ['that is empty', 'ERR_JWT_INVALID', async () => ''],
  ])('%s is refused', async (_, reason, token) => {
    expect(await verify(await token())).toEqual({ outcome: 'refused', reason });
  });
});

describe('the keys of an issuer', () => {
  test('are read once, and again for a key that was added', async () => {
    const issuer = await startIssuer();
    const verifier = createTokenVerifier([{ issuer: issuer.issuer, audience: ['api'] }]);
    const outcomeOf = async (token: Promise<string>) => (await verifier.verify(await token, NOW)).outcome;
    expect(await outcomeOf(issuer.sign(CLAIMS))).toBe('verified');
    expect(await outcomeOf(issuer.sign(CLAIMS))).toBe('verified');
    expect(issuer.counts).toEqual({ metadata: 1, keys: 1 });
    await issuer.addKey('second');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await outcomeOf(issuer.sign(CLAIMS, { kid: 'second' }, 'second'))).toBe('verified');
    expect(issuer.counts).toEqual({ metadata: 1, keys: 2 });
    await issuer.close();
  });

  test('that cannot be read decide nothing, and are read again', async () => {
    const issuer = await startIssuer();
    const verifier = createTokenVerifier([{ issuer: issuer.issuer, audience: ['api'] }]);
    const token = await issuer.sign(CLAIMS);
    issuer.isDown = true;
    await expect(verifier.verify(token, NOW)).rejects.toThrow(`The keys of ${issuer.issuer} cannot be read.`);
    issuer.isDown = false;
    expect(await verifier.verify(token, NOW)).toMatchObject({ outcome: 'verified' });
    // Known keys go on to count while the issuer is away.
    issuer.isDown = true;
    expect(await verifier.verify(token, NOW)).toMatchObject({ outcome: 'verified' });
    await issuer.close();
  });

  test('are no others than those of the issuer that its metadata names', async () => {
    const slash = createTokenVerifier([{ issuer: `${platform.issuer}/path`, audience: ['api'] }]);
    const token = await platform.sign({ ...CLAIMS, iss: `${platform.issuer}/path` });
    await expect(slash.verify(token, NOW)).rejects.toThrow('cannot be read');
  });
});
