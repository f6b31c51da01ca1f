import { parseArgs } from 'node:util';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../shared/domain/terms.ts';
import type { ProviderMode } from './data-folder.ts';

export interface Options {
  readonly dataDir: string;
  readonly port: number;
  /** Deletes the data first. */
  readonly reset: boolean;
  readonly providers: ProviderMode;
  /** Folder of the operator's own providers, as the setting `providersFolder` of a stage; undefined for none. */
  readonly providersFolder: string | undefined;
  /** The store of new connections' credentials, as the setting `credentials.store` of a stage. */
  readonly credentialStore: CredentialStoreName;
  /** False where scheduled functions run on demand alone. */
  readonly byTheClock: boolean;
  /** Shows on the terminal what the functions log. */
  readonly verbose: boolean;
}

/**
 * Reads the arguments and the environment of `npm start`.
 *
 * @throws Error with a message for the terminal.
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      reset: { type: 'boolean', default: false },
      providers: { type: 'string', default: 'sandbox' },
      verbose: { type: 'boolean', default: false },
      schedules: { type: 'boolean', default: true },
      'providers-folder': { type: 'string' },
      store: { type: 'string', default: 'secret-per-connection' },
    },
  });
  const { providers, reset, verbose, schedules: byTheClock } = values;
  if (providers !== 'sandbox' && providers !== 'real') {
    throw new Error(`--providers is "sandbox" or "real", not "${providers}".`);
  }
  const credentialStore = CREDENTIAL_STORES.find((name) => name === values.store);
  if (!credentialStore) {
    throw new Error(`--store is ${quoted(CREDENTIAL_STORES)}, not "${values.store}".`);
  }
  const port = Number(environment.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is a number from 0 to 65535, not "${environment.PORT}".`);
  }
  const { 'providers-folder': providersFolder } = values;
  const dataDir = environment.DATA_DIR ?? '.local';
  return { dataDir, port, reset, providers, providersFolder, credentialStore, byTheClock, verbose };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' or ');
}
