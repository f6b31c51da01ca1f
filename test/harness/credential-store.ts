import { CREDENTIAL_STORES, type CredentialStoreName } from '../../shared/domain/terms.ts';

/**
 * Returns the store that new connections of a test are in. The tests of protocols run once for each: see
 * `vitest.config.ts`.
 */
export function credentialStore(): CredentialStoreName {
  const name = process.env.CREDENTIALS_STORE;
  return CREDENTIAL_STORES.find((store) => store === name) ?? 'secret-per-connection';
}

/** Returns the store that connections of a test can be migrated to. */
export function otherStore(): CredentialStoreName {
  return credentialStore() === 'sealed' ? 'secret-per-connection' : 'sealed';
}

/** The calls of each store. */
const CALLS = {
  'secret-per-connection': {
    create: 'CreateSecretCommand',
    read: 'GetSecretValueCommand',
    put: 'PutSecretValueCommand',
    promote: 'UpdateSecretVersionStageCommand',
  },
  sealed: {
    create: 'PutItemCommand of credentials',
    read: 'GetItemCommand of credentials',
    put: 'PutItemCommand of credentials',
    promote: 'TransactWriteItemsCommand of credentials',
  },
} as const satisfies Record<CredentialStoreName, Record<string, string>>;

/** The calls that create, read, put and promote a version in the store of the test. */
export const STORE_CALLS = CALLS[credentialStore()];

/** Returns the name of a call, which for one of sealed credentials says so; `body` is the request's JSON. */
export function callName(commandName = '', body: string): string {
  const isOfCredentials = body.includes('"S":"CREDENTIALS#');
  return isOfCredentials ? `${commandName} of credentials` : commandName;
}
