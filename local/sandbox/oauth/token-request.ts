import { placeholders } from '../../../shared/catalog/templates.ts';
import { basicOf, type SandboxRequest } from '../request.ts';
import type { OAuth2 } from './provider.ts';
import { TokenError } from './token-response.ts';

type Parameters = Readonly<Record<string, string>>;

const MEDIA_TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' } as const;

type ClientAuthentication = OAuth2['token']['clientAuthentication'];

/** Reads the parameters of a GET's query, or of a body, a form or JSON; none where it is neither. */
export function readParameters({ method, headers, query }: SandboxRequest, body: string): Parameters {
  if (method === 'GET') return Object.fromEntries(query);
  if (mediaTypeOf(headers) !== MEDIA_TYPES.json) return Object.fromEntries(new URLSearchParams(body));
  try {
    const json: unknown = JSON.parse(body);
    const members = Object.entries(typeof json === 'object' && json !== null ? json : {});
    return Object.fromEntries(members.filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}

/**
 * Checks that a token request has the method, encoding, headers and parameters that the entry describes.
 *
 * @throws TokenError `invalid_request`.
 */
export function requireDocumentedForm(
  { token }: OAuth2,
  { method, headers }: SandboxRequest,
  parameters: Parameters,
): void {
  requireEncoding(method, headers, token.request ?? 'form');
  const missingHeader = Object.entries(token.headers ?? {}).find(
    ([name, value]) => name.toLowerCase() !== 'accept' && headers[name.toLowerCase()] !== value,
  );
  if (missingHeader !== undefined)
    throw new TokenError('invalid_request', `The header ${missingHeader[0]} is wrong.`);
  const missing = Object.entries(token.parameters ?? {}).find(([name, template]) => {
    const filled = placeholders(template);
    const isAbsent = parameters.grant_type === 'refresh_token' && filled.some((each) => each.includes('.'));
    return filled.length > 0 ? !parameters[name] && !isAbsent : parameters[name] !== template;
  });
  if (missing !== undefined) throw new TokenError('invalid_request', `The parameter ${missing[0]} is wrong.`);
}

/**
 * Checks the method and the encoding of the body.
 *
 * @throws TokenError `invalid_request`.
 */
export function requireEncoding(
  method: string,
  headers: Parameters,
  encoding: 'form' | 'json' | 'query',
  expected: 'POST' | 'DELETE' = 'POST',
): void {
  if (encoding === 'query') {
    if (method !== 'GET') throw new TokenError('invalid_request', 'The method must be GET.', 405);
    return;
  }
  if (method !== expected) throw new TokenError('invalid_request', `The method must be ${expected}.`, 405);
  if (mediaTypeOf(headers) !== MEDIA_TYPES[encoding]) {
    throw new TokenError('invalid_request', `The content type must be ${MEDIA_TYPES[encoding]}.`);
  }
}

/**
 * Authenticates the OAuth client by the method of the entry (RFC 6749, section 2.3.1) and returns its id and secret. Any
 * id with any secret is a client: the sandbox has no registration, and grants belong to the id that they were made for.
 *
 * @throws TokenError `invalid_client`; `invalid_request` for two methods at once.
 */
export function authenticateClient(
  { token }: OAuth2,
  request: SandboxRequest,
  parameters: Parameters,
  documented: ClientAuthentication = token.clientAuthentication,
): { readonly clientId: string; readonly clientSecret: string } {
  const header = request.headers.authorization;
  const secret = parameters.client_secret;
  const sent = header === undefined ? (secret === undefined ? 'none' : 'body') : 'basic';
  // At a service that a user names, the client may authenticate by any method.
  const method: ClientAuthentication = token.clientAuthenticationFrom ? sent : documented;
  if (method === 'none') return { clientId: parameters.client_id ?? '', clientSecret: '' };
  if (header !== undefined && secret !== undefined) {
    throw new TokenError('invalid_request', 'The client authenticates by two methods.');
  }
  if (method === 'body') {
    const clientId = parameters[token.clientIdParameter ?? 'client_id'];
    if (!clientId || !secret) throw invalidClient('The client id and secret must be in the body.');
    return { clientId, clientSecret: secret };
  }
  const basic = basicOf(request);
  const clientId = formDecode(basic?.username ?? '');
  if (!clientId || !basic?.password) throw invalidClient('The client must authenticate by HTTP Basic.');
  return { clientId, clientSecret: formDecode(basic.password) };
}

/** Creates the error of a client that did not authenticate. */
export function invalidClient(description: string): TokenError {
  return new TokenError('invalid_client', description, 401);
}

/** Decodes an id that the client form-encoded before it applied Basic authentication, as RFC 6749 requires. */
function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? '';
}

function mediaTypeOf(headers: Parameters): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
