import { parseArgs } from 'node:util';

export interface Options {
  readonly dataDir: string;
  readonly port: number;
  readonly reset: boolean;
  readonly providers: 'sandbox' | 'real';
}

/**
 * What `npm start` was asked for.
 *
 * @throws Error in words for the person at the terminal.
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      reset: { type: 'boolean', default: false },
      providers: { type: 'string', default: 'sandbox' },
    },
  });
  const { providers, reset } = values;
  if (providers !== 'sandbox' && providers !== 'real') {
    throw new Error(`--providers is "sandbox" or "real", not "${providers}".`);
  }
  const port = Number(environment.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is a number from 0 to 65535, not "${environment.PORT}".`);
  }
  return { dataDir: environment.DATA_DIR ?? '.local', port, reset, providers };
}
