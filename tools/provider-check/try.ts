import { type ClientOptions, createClient, ProviderError } from '../../shared/adapters/providers/client.ts';
import { createOAuthProvider } from '../../shared/adapters/providers/oauth/provider.ts';
import { buildRequest } from '../../shared/adapters/providers/request.ts';
import { completeRequests } from '../../shared/catalog/open.ts';
import {
  classify,
  parseResponse,
  readAccount,
  readExpiry,
  retryAfterSeconds,
} from '../../shared/catalog/responses.ts';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { explainResponse } from './rules.ts';

const TIMEOUT_MS = 10_000;

type Values = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;
type Print = (line: string) => void;

/**
 * Sends an entry's requests with the credentials in the environment, and prints what each rule makes of the responses. With
 * a project's own client or a service account it obtains an access token first. Values of the credentials are never printed.
 *
 * @returns false where the service could not be reached, or no rule accepts its response; true also without credentials.
 */
export async function tryProvider(
  entry: ProviderEntry,
  environment: Environment,
  print: Print,
  options: ClientOptions = {},
): Promise<boolean> {
  const values = valuesIn(entry, environment);
  const missing = neededBy(entry).filter(({ name, required }) => required && values[name] === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => variableOf(entry, name));
    print(`To try it against the service, set ${names.join(', ')} in the environment.`);
    return true;
  }
  const printSafely = withoutSecrets(print, values);
  try {
    const access = await accessValues(entry, values, options);
    if (typeof access === 'string') {
      printSafely(`The token endpoint: ${access}.`);
      return false;
    }
    return await send(entry, { ...values, ...access }, withoutSecrets(printSafely, access), options);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    printSafely(`There is no response: ${error.reason}.`);
    return false;
  }
}

/** Values that requests need: entered fields; with a browser's authorization, the token and the values kept beside it. */
function neededBy({
  auth,
  oauth2,
}: ProviderEntry): readonly { readonly name: string; readonly required: boolean }[] {
  if (auth.type !== 'oauth2') return auth.fields;
  const kept = Object.keys(oauth2?.keep ?? {}).map((name) => ({ name, required: true }));
  return [...auth.fields, { name: 'accessToken', required: true }, ...kept];
}

/** Names a value's environment variable: `TRELLO_API_KEY`. */
function variableOf({ id }: ProviderEntry, name: string): string {
  return `${id}_${name.replaceAll(/[A-Z]/g, '_$&')}`.replaceAll('-', '_').toUpperCase();
}

function valuesIn(entry: ProviderEntry, environment: Environment): Values {
  const found = neededBy(entry).flatMap(({ name }) => {
    const value = environment[variableOf(entry, name)];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** Hides the values of credentials, should a response repeat one. Short ones, such as a region, are no secrets. */
function withoutSecrets(print: Print, values: Values): Print {
  const secrets = Object.values(values).filter((value) => value.length >= 8);
  return (line) => print(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line));
}

/** Obtains an access token where entered credentials do that; returns the outcome of one that was refused. */
async function accessValues(
  provider: ProviderEntry,
  fields: Values,
  options: ClientOptions,
): Promise<Values | string> {
  if (provider.oauth2 === undefined || provider.auth.type === 'oauth2') return {};
  const { clientId = '', clientSecret = '' } = fields;
  const result = await createOAuthProvider(options).renew({
    provider,
    client: { clientId, clientSecret },
    fields,
  });
  return result.outcome === 'ok' ? { accessToken: result.tokens.accessToken } : result.outcome;
}

async function send(
  entry: ProviderEntry,
  values: Values,
  print: Print,
  options: ClientOptions,
): Promise<boolean> {
  const client = createClient(options);
  const completed = completeRequests(entry, values);
  if (completed === undefined) throw new ProviderError('blocked_address');
  const call = async (documented: ProviderEntry['probe']) => {
    print(`${documented.method} ${entry.baseUrl}${documented.path}`);
    const request = buildRequest(completed, values, documented);
    const response = parseResponse(await client(request, AbortSignal.timeout(TIMEOUT_MS)));
    print(`  status: ${response.status}`);
    return response;
  };
  let response = await call(completed.probe);
  let outcome = classify(completed, response);
  for (const line of explainResponse(completed, response)) print(line);
  if (outcome === 'unexpected_response' && completed.olderProbe !== undefined) {
    response = await call({ ...completed.olderProbe, path: completed.probe.path });
    outcome = classify(completed, response);
    for (const line of explainResponse(completed, response)) print(line);
  }
  if (outcome === 'rate_limited') print(`  wait: ${retryAfterSeconds(entry, response, new Date())} s`);
  if (outcome !== 'ok') return false;
  const account = readAccount(entry, response, values);
  print(
    account === null ? '  account: not identified' : `  account: ${account.id}, shown as ${account.label}`,
  );
  const expiring = entry.expiry?.request === undefined ? response : await call(entry.expiry.request);
  if (entry.expiry !== undefined) print(`  expiry: ${readExpiry(entry, expiring) ?? 'none'}`);
  return true;
}
