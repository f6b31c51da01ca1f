import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { failure, invalid, type ValidationIssue } from '../../domain/errors.ts';

/** Maximum size of a body, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;
const CHARSET = /;\s*charset="?([^\s;"]+)/i;
const JSON_TYPE = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;

/**
 * Returns the text of the body.
 *
 * @throws DomainError `payload_too_large` above 64 KB; `invalid_request` for bytes that are not UTF-8.
 */
export function bodyText({ body = '', isBase64Encoded, headers }: APIGatewayProxyEventV2): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.byteLength > MAX_BODY_BYTES) throw failure('payload_too_large', 'A body holds at most 64 KB.');
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  // API Gateway passes JSON as text, with U+FFFD in place of bytes that are not UTF-8.
  const isText = isUtf8(bytes) && !(isBase64Encoded ? '' : body).includes('\ufffd');
  if (!isText || !/^utf-?8$/i.test(charset))
    throw invalid([{ path: '', message: 'must be encoded in UTF-8' }]);
  return isBase64Encoded ? bytes.toString('utf8') : body;
}

/**
 * Checks that a request to a route without a body has none, or an empty object.
 *
 * @throws DomainError `invalid_request`.
 */
export function requireNoBody(text: string): undefined {
  if (/^\s*(\{\s*\})?\s*$/.test(text)) return;
  throw invalid([{ path: '', message: 'must be empty: this operation takes no body' }]);
}

/**
 * Parses the body as JSON.
 *
 * @throws DomainError `unsupported_media_type`; `invalid_request` for a missing or malformed body, and for a `__proto__`
 * key, which schemas would drop.
 */
export function bodyJson(event: APIGatewayProxyEventV2, text: string): unknown {
  if (text === '') throw invalid([{ path: '', message: 'is missing: a JSON body is required' }]);
  if (!JSON_TYPE.test(event.headers['content-type'] ?? '')) {
    throw failure('unsupported_media_type', 'A body is application/json.');
  }
  const value = parseJson(text);
  const issues = protoKeys(value).map((path) => ({ path, message: 'is not known here' }));
  if (issues.length > 0) throw invalid(issues);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ path: '', message: 'is not valid JSON' }]);
  }
}

/** Returns the paths of all `__proto__` keys. A loop, since a body can be nested more deeply than the call stack. */
function protoKeys(body: unknown): readonly string[] {
  const paths: string[] = [];
  const values = [{ value: body, prefix: '' }];
  for (const { value, prefix } of values) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__') paths.push(prefix + key);
      else values.push({ value: member, prefix: `${prefix}${key}.` });
    }
  }
  return paths;
}

/**
 * Parses the parts of a request, and reports the issues of all parts together.
 *
 * @throws DomainError `invalid_request`.
 */
export function parseInput<P extends z.ZodMiniType, Q extends z.ZodMiniType, B extends z.ZodMiniType>(
  schemas: { readonly params: P; readonly query: Q; readonly body: B },
  values: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
): { params: z.output<P>; query: z.output<Q>; body: z.output<B> } {
  const params = z.safeParse(schemas.params, values.params);
  const query = z.safeParse(schemas.query, values.query);
  const body = z.safeParse(schemas.body, values.body);
  if (params.success && query.success && body.success) {
    return { params: params.data, query: query.data, body: body.data };
  }
  throw invalid([params, query, body].flatMap(({ error }) => (error ? error.issues.flatMap(toIssues) : [])));
}

function toIssues(issue: z.core.$ZodIssue): ValidationIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is not known here' }));
  }
  return [{ path: pathOf(issue.path), message: issue.message }];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
