import { describe, expect, test } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { CredentialsVersion } from '../../../shared/domain/credentials/store.ts';
import { type RetirePorts, retireCredentials } from '../../../shared/domain/issuing/retire-credentials.ts';
import { timestamp } from '../../../shared/domain/operation-context.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../../shared/domain/terms.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const MINUTE_MS = 60_000;
const STORES = [...CREDENTIAL_STORES];

interface Situation {
  readonly providerId?: string;
  readonly successor?: Partial<CredentialsVersion> | null;
  /** The store that the connection names when the record arrives. */
  readonly currentStore?: CredentialStoreName;
  readonly minutesAgo?: number;
  readonly isRevoked?: boolean;
  readonly isClientKnown?: boolean;
  /** Stored credentials by version. */
  readonly stored?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Retires the version `old`, and returns the outcome with what was revoked and what was scheduled for deletion. */
async function retire({
  providerId = 'asana-oauth',
  successor = null,
  minutesAgo = 0,
  isRevoked = true,
  isClientKnown = true,
  stored = { old: { refreshToken: 'made-up-old' } },
  currentStore = 'secret-per-connection',
}: Situation) {
  const revoked: (string | undefined)[] = [];
  const deleted: string[] = [];
  const ports: RetirePorts = {
    catalog,
    connections: {
      find: async () => ({
        ...newStoredConnection(newConnection(timestamp(NOW))),
        credentialStore: currentStore,
      }),
    },
    clock: { now: () => NOW },
    oauthClients: {
      find: async () => (isClientKnown ? { clientId: 'platform', clientSecret: 'made-up' } : undefined),
    },
    oauthProvider: {
      exchangeCode: () => Promise.reject(new Error('No code is exchanged.')),
      renew: () => Promise.reject(new Error('No token is renewed.')),
      revoke: async (_party, { refreshToken }) => {
        revoked.push(refreshToken);
        return isRevoked;
      },
    },
    sealer: {
      seal: () => Promise.reject(new Error('Nothing is sealed.')),
      open: () => Promise.reject(new Error('Nothing is opened.')),
    },
    credentials: {
      readIfKept: async ({ version }) => {
        const fields = stored[version];
        return fields && new Credentials(fields);
      },
      retire: async ({ store }) => {
        deleted.push(store);
      },
    },
  };
  const outcome = await retireCredentials(
    {
      ...{
        projectId: 'demo',
        connectionId: 'con_1',
        store: 'secret-per-connection',
        version: 'old',
        providerId,
        accessToken: null,
        successor: successor && {
          ...{ projectId: 'demo', connectionId: 'con_1', store: 'secret-per-connection', version: 'new' },
          ...successor,
        },
      },
      at: new Date(NOW.getTime() - minutesAgo * MINUTE_MS),
    },
    ports,
  ).catch(({ code }) => code);
  return { outcome, revoked, deleted };
}

describe('credentials that serve no more', () => {
  test('are revoked, then deleted, after a disconnect', async () => {
    expect(await retire({})).toEqual({ outcome: 'revoked', revoked: ['made-up-old'], deleted: STORES });
  });

  test('are revoked and not deleted after a reconnect', async () => {
    const stored = { old: { refreshToken: 'made-up-old' }, new: { refreshToken: 'made-up-new' } };
    expect(await retire({ successor: {}, stored })).toMatchObject({ outcome: 'revoked', deleted: [] });
  });

  test('are deleted without a revocation after a move to another store, and in the old store alone', async () => {
    const moved = { successor: { store: 'sealed', version: 'old' }, currentStore: 'sealed' } as const;
    expect(await retire(moved)).toEqual({
      outcome: 'none',
      revoked: [],
      deleted: ['secret-per-connection'],
    });
  });

  test('are kept if they were moved back before the record of the move arrived', async () => {
    const moved = { successor: { store: 'sealed', version: 'old' } } as const;
    expect(await retire(moved)).toEqual({ outcome: 'none', revoked: [], deleted: [] });
  });

  test('are kept alive if the provider issued the same tokens again', async () => {
    const stored = { old: { refreshToken: 'made-up' }, new: { refreshToken: 'made-up' } };
    expect(await retire({ successor: {}, stored })).toMatchObject({ outcome: 'none', revoked: [] });
  });

  test.each([
    ['of an entered key', { providerId: 'trello' }],
    ['of a provider that the catalog no longer has', { providerId: 'removed' }],
    ['whose revocation would end other grants', { providerId: 'gmail' }],
    ['that were deleted before', { stored: {} }],
    ['whose OAuth client was removed', { isClientKnown: false }],
  ])('are deleted without a revocation: %s', async (_name, situation) => {
    expect(await retire(situation)).toEqual({ outcome: 'none', revoked: [], deleted: STORES });
  });

  test('are revoked again for 15 minutes while the provider fails, and then deleted all the same', async () => {
    const failing = { isRevoked: false };
    expect(await retire({ ...failing, minutesAgo: 14 })).toMatchObject({
      outcome: 'provider_unavailable',
      deleted: [],
    });
    expect(await retire({ ...failing, minutesAgo: 15 })).toMatchObject({
      outcome: 'given_up',
      deleted: STORES,
    });
  });
});
