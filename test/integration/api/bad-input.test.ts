import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type OperationId, routes } from '../../../shared/contract/http/index.ts';
import { noBody, type Route } from '../../../shared/contract/http/route.ts';
import { TestBackend } from '../../harness/backend.ts';
import {
  createExampleProject,
  EXAMPLES,
  type ExampleProject,
  OPERATIONS,
  type Request,
  send,
  snapshot,
} from '../../harness/requests.ts';
import { errorPaths } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** A request with one invalid part. */
interface InvalidRequest {
  readonly request: Request & { readonly raw?: string };
  readonly query: string;
  /** Path of the invalid part. The response may name a path below it. */
  readonly path: string;
  /** Error codes that are possible besides `invalid_request`. */
  readonly codes: readonly string[];
}

const property = z.object({
  type: z.optional(z.string()),
  enum: z.optional(z.array(z.unknown())),
  format: z.optional(z.string()),
  maxLength: z.optional(z.number()),
});
const objectSchema = z.object({
  properties: z.optional(z.record(z.string(), property)),
  required: z.optional(z.array(z.string())),
});
type Property = z.infer<typeof property>;

/** Returns the input fields of a schema as JSON Schema. */
function fieldsOf(schema: Route['body']): z.infer<typeof objectSchema> {
  return objectSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const CONTROL = ['\u0000', 'line\nbreak', 'tab\there', 'bell\u0007', 'c1\u009f'];
const OBJECT_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
/** JSON values by type: those of other types are invalid for a field. */
const JSON_VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: fc.string(),
  integer: fc.integer(),
  boolean: fc.boolean(),
  null: fc.constant(null),
  array: fc.array(
    fc.anything({ maxDepth: 1 }).map(() => 'item'),
    { maxLength: 3 },
  ),
  object: fc.dictionary(fc.constantFrom('one-two', '1', '__proto', ...OBJECT_KEYS), fc.boolean(), {
    minKeys: 1,
  }),
};

function invalidValue(field: Property): fc.Arbitrary<unknown> {
  const others = Object.entries(JSON_VALUES).filter(([type]) => type !== field.type);
  const wrongType = fc.oneof(...others.map(([, values]) => values));
  if (field.type === 'integer') return fc.oneof(wrongType, fc.constantFrom(-1, 1e9, 200.5));
  if (field.type !== 'string') return wrongType;
  const long = fc.integer({ min: 4097, max: 20_000 }).map((length) => 'x'.repeat(length));
  return fc.oneof(wrongType, fc.constantFrom('', ...CONTROL, 'half \ud83d'), long);
}

const unknownKey = fc.oneof(
  fc.constantFrom(...OBJECT_KEYS, '', ' ', 'name ', 'Name', '\u0000', '$where', '0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((key) => `${key}!`),
);

/** Generates bodies with one field that is invalid, missing or unknown. */
function invalidBodies(route: Route, request: Request): fc.Arbitrary<InvalidRequest>[] {
  if (route.body === noBody) return [];
  const { properties = {}, required = [] } = fieldsOf(route.body);
  const { body = {} } = request;
  const isEngine = route.caller.kind === 'engine';
  const deep = nested(isEngine ? 500 : 20_000);
  const invalid = (raw: string, path: string): InvalidRequest => ({
    request: { ...request, raw },
    query: '',
    path,
    codes: [],
  });
  const withField = (name: string, value: string) => {
    const others = Object.entries(body).filter(([key]) => key !== name);
    const parts = [
      ...others.map(([key, one]) => [key, JSON.stringify(one)] as const),
      [name, value] as const,
    ];
    return `{${parts.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  };
  const wrong = Object.entries(properties).flatMap(([name, field]) => [
    invalidValue(field).map((value) => invalid(withField(name, JSON.stringify(value)), name)),
    fc.constant(invalid(withField(name, deep), name)),
  ]);
  const missing = required.map((name) => {
    const others = Object.entries(body).filter(([key]) => key !== name);
    return fc.constant(invalid(JSON.stringify(Object.fromEntries(others)), name));
  });
  const unknown = unknownKey.map((key) => invalid(withField(key, '"extra"'), key));
  const broken = isEngine ? [] : ['', '{', '{"name":"x"'];
  const whole = fc.constantFrom('[]', 'null', '"text"', '1', deep, ...broken).map((raw) => invalid(raw, ''));
  return [...wrong, ...missing, unknown, whole];
}

/** Generates credentials with one invalid field, for a route with credentials. */
function invalidCredentials(request: Request): fc.Arbitrary<InvalidRequest>[] {
  const { body } = request;
  const given = z.safeParse(z.object({ credentials: z.record(z.string(), z.string()) }), body);
  if (!given.success) return [];
  const { credentials } = given.data;
  const names = Object.keys(credentials);
  const value = fc.oneof(
    fc.constantFrom<unknown>(null, 7, true, [], {}, '', ...CONTROL, 'not a key', '\ud83d', '"; --'),
    fc.integer({ min: 201, max: 40_000 }).map((length) => 'x'.repeat(length)),
  );
  const wrong = fc
    .tuple(fc.constantFrom(...names), value)
    .map(([name, one]) => ({ name, fields: { ...credentials, [name]: one } }));
  const unknown = fc.constantFrom('extra', 'no-name', '', 'constructor', 'x'.repeat(60)).map((name) => ({
    name,
    fields: { ...credentials, [name]: 'more' },
  }));
  return [wrong, unknown].map((each) =>
    each.map(({ name, fields }) => ({
      request: { ...request, raw: JSON.stringify({ ...body, credentials: fields }) },
      query: '',
      path: `credentials.${name}`,
      codes: [],
    })),
  );
}

const invalidId = fc.oneof(
  fc.constantFrom(' ', 'a b', 'a/b', 'a#b', 'é', '\u0000', '../..', '%', '%2e', 'a\nb', '😀', '"', '<b>'),
  fc.integer({ min: 129, max: 600 }).map((length) => 'x'.repeat(length)),
);
/** Error codes of an id that cannot exist. */
const ID_CODES: Readonly<Record<string, readonly string[]>> = {
  projectId: ['project_not_found'],
  connectionId: ['connection_not_found'],
  authorizationId: ['authorization_not_found'],
  client: ['provider_not_found'],
  provider: ['provider_not_found'],
};

function invalidParams(request: Request): fc.Arbitrary<InvalidRequest>[] {
  return Object.keys(request.params).map((name) =>
    invalidId.map((value) => ({
      request: { ...request, params: { ...request.params, [name]: value } },
      query: '',
      path: name,
      codes: ID_CODES[name] ?? [],
    })),
  );
}

function invalidQueries(route: Route, request: Request): fc.Arbitrary<InvalidRequest>[] {
  const { properties = {} } = fieldsOf(route.query);
  const text = fc.oneof(
    fc.constantFrom('', ...CONTROL),
    fc.integer({ min: 4097, max: 6000 }).map((n) => 'x'.repeat(n)),
  );
  const known = Object.entries(properties).map(([name, field]) => {
    const invalidText =
      field.enum || name === 'limit' ? fc.oneof(text, fc.stringMatching(/^[a-z-]{0,9}!$/)) : text;
    const cursors = fc.base64String({ minLength: 1, maxLength: 80 });
    const value = name === 'cursor' ? fc.oneof(fc.constantFrom(''), cursors) : invalidText;
    return value.map((one) => ({ name, value: one, codes: name === 'cursor' ? ['invalid_cursor'] : [] }));
  });
  const unknown = fc
    .constantFrom(...OBJECT_KEYS, 'Limit', 'filter', 'limit[]', ' ')
    .map((name) => ({ name, value: '1', codes: [] }));
  return [...known, unknown].map((each) =>
    each.map(({ name, value, codes }) => ({
      request,
      query: `?${new URLSearchParams({ [name]: value })}`,
      path: name,
      codes,
    })),
  );
}

/** Generates invalid requests of a route; for the engine, whose path and query are signed, invalid bodies only. */
function invalidRequests(id: OperationId, request: Request): fc.Arbitrary<InvalidRequest> {
  const route: Route = routes[id];
  const isEngine = route.caller.kind === 'engine';
  return fc.oneof(
    ...(isEngine ? [] : [...invalidParams(request), ...invalidQueries(route, request)]),
    ...invalidBodies(route, request),
    ...invalidCredentials(request),
  );
}

const isWithin = (reported: string, path: string) => reported === path || reported.startsWith(`${path}.`);

/** Returns the body to send. The engine's client signs the JSON of a value. */
function bodyFor(id: OperationId, { raw, body }: InvalidRequest['request']): unknown {
  return raw !== undefined && routes[id].caller.kind === 'engine' ? JSON.parse(raw) : (raw ?? body);
}

async function expectRefused(
  id: OperationId,
  example: ExampleProject,
  { request, query, path, codes }: InvalidRequest,
): Promise<void> {
  const response = await send(backend, id, { params: request.params, body: bodyFor(id, request) }, { query });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  if (response.json.code === 'invalid_request') {
    const paths = errorPaths(response) ?? [];
    // A `message` is API Gateway's, which names no path.
    if (response.json.message === undefined) {
      expect(paths.some((reported) => isWithin(reported, path))).toBe(true);
    }
  } else {
    expect(codes).toContain(response.json.code);
  }
  for (const secret of [...Object.values(example.credentials), 'xxxxxxxxxx', 'line\\nbreak']) {
    const isInPath = path.includes(secret);
    if (!isInPath) expect(response.text).not.toContain(secret);
  }
}

/**
 * Operations that an invalid request exists for: not those of the engine without a body, nor the redirect of a provider,
 * which may add any parameter.
 */
const operations = OPERATIONS.filter(
  (id) => id !== 'oauthCallback' && (routes[id].caller.kind !== 'engine' || routes[id].body !== noBody),
);

describe.each(operations)('%s', (id) => {
  test('refuses an invalid part of a request by its path, and changes nothing', async () => {
    const example = await createExampleProject(backend);
    const request = await EXAMPLES[id](example);
    const before = await snapshot(example);
    await fc.assert(
      fc.asyncProperty(invalidRequests(id, request), (one) => expectRefused(id, example, one)),
      { numRuns: 40, interruptAfterTimeLimit: 3_000 },
    );
    expect(await snapshot(example)).toEqual(before);
  });
});
