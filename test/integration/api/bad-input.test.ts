import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** A request that is bad in one place. */
interface Bad {
  readonly request: Request & { readonly raw?: string };
  readonly query: string;
  /** Where the fault stands; a fault below or above it is told as well as there. */
  readonly place: string;
  /** What it may be told as, where not as `invalid_request`. */
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

/** The fields of a schema, as JSON Schema tells them of what goes in. */
function fieldsOf(schema: Route['body']): z.infer<typeof objectSchema> {
  return objectSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const CONTROL = ['\u0000', 'line\nbreak', 'tab\there', 'bell\u0007', 'c1\u009f'];
const OBJECT_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
/** Nothing that JSON Schema of a field of this type would take. */
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

function badValue(field: Property): fc.Arbitrary<unknown> {
  const others = Object.entries(JSON_VALUES).filter(([type]) => type !== field.type);
  const wrongType = fc.oneof(...others.map(([, values]) => values));
  if (field.type === 'integer') return fc.oneof(wrongType, fc.constantFrom(0, -1, 1e9, 200.5));
  if (field.type !== 'string') return wrongType;
  const long = fc.integer({ min: 4097, max: 20_000 }).map((length) => 'x'.repeat(length));
  return fc.oneof(wrongType, fc.constantFrom('', ...CONTROL, 'half \ud83d'), long);
}

const unknownKey = fc.oneof(
  fc.constantFrom(...OBJECT_KEYS, '', ' ', 'name ', 'Name', '\u0000', '$where', '0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((key) => `${key}!`),
);

/** Bodies that are bad in one field: of a wrong type or form, missing, or not known. */
function badBodies(route: Route, request: Request): fc.Arbitrary<Bad>[] {
  if (route.body === noBody) return [];
  const { properties = {}, required = [] } = fieldsOf(route.body);
  const { body = {} } = request;
  const isEngine = route.caller.kind === 'engine';
  const deep = nested(isEngine ? 500 : 20_000);
  const bad = (raw: string, place: string): Bad => ({
    request: { ...request, raw },
    query: '',
    place,
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
    badValue(field).map((value) => bad(withField(name, JSON.stringify(value)), name)),
    fc.constant(bad(withField(name, deep), name)),
  ]);
  const missing = required.map((name) => {
    const others = Object.entries(body).filter(([key]) => key !== name);
    return fc.constant(bad(JSON.stringify(Object.fromEntries(others)), name));
  });
  const unknown = unknownKey.map((key) => bad(withField(key, '"extra"'), key));
  const broken = isEngine ? [] : ['', '{', '{"name":"x"'];
  const whole = fc.constantFrom('[]', 'null', '"text"', '1', deep, ...broken).map((raw) => bad(raw, ''));
  return [...wrong, ...missing, unknown, whole];
}

/** Credentials that are bad in one field, where the route takes credentials. */
function badCredentials(request: Request): fc.Arbitrary<Bad>[] {
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
      place: `credentials.${name}`,
      codes: [],
    })),
  );
}

const noId = fc.oneof(
  fc.constantFrom(' ', 'a b', 'a/b', 'a#b', 'é', '\u0000', '../..', '%', '%2e', 'a\nb', '😀', '"', '<b>'),
  fc.integer({ min: 129, max: 600 }).map((length) => 'x'.repeat(length)),
);
/** As what an id that is none, or is another project's, may be told. */
const ID_CODES: Readonly<Record<string, readonly string[]>> = {
  projectId: ['project_not_found'],
  connectionId: ['connection_not_found'],
  provider: ['provider_not_found'],
};

function badParams(request: Request): fc.Arbitrary<Bad>[] {
  return Object.keys(request.params).map((name) =>
    noId.map((value) => ({
      request: { ...request, params: { ...request.params, [name]: value } },
      query: '',
      place: name,
      codes: ID_CODES[name] ?? [],
    })),
  );
}

function badQueries(route: Route, request: Request): fc.Arbitrary<Bad>[] {
  const { properties = {} } = fieldsOf(route.query);
  const text = fc.oneof(
    fc.constantFrom('', ...CONTROL),
    fc.integer({ min: 4097, max: 6000 }).map((n) => 'x'.repeat(n)),
  );
  const known = Object.entries(properties).map(([name, field]) => {
    const strange =
      field.enum || name === 'limit' ? fc.oneof(text, fc.stringMatching(/^[a-z-]{0,9}!$/)) : text;
    const cursors = fc.base64String({ minLength: 1, maxLength: 80 });
    const value = name === 'cursor' ? fc.oneof(fc.constantFrom(''), cursors) : strange;
    return value.map((one) => ({ name, value: one, codes: name === 'cursor' ? ['invalid_cursor'] : [] }));
  });
  const unknown = fc
    .constantFrom(...OBJECT_KEYS, 'Limit', 'filter', 'limit[]', ' ')
    .map((name) => ({ name, value: '1', codes: [] }));
  return [...known, unknown].map((each) =>
    each.map(({ name, value, codes }) => ({
      request,
      query: `?${new URLSearchParams({ [name]: value })}`,
      place: name,
      codes,
    })),
  );
}

/** Every way to be bad that a route has. Of the engine's, whose path and query are signed, the bodies alone. */
function badRequests(id: OperationId, request: Request): fc.Arbitrary<Bad> {
  const route: Route = routes[id];
  const isEngine = route.caller.kind === 'engine';
  const places = [
    ...(isEngine ? [] : [...badParams(request), ...badQueries(route, request)]),
    ...badBodies(route, request),
    ...badCredentials(request),
  ];
  return fc.oneof(...places);
}

const covers = (told: string, place: string) => told === place || told.startsWith(`${place}.`);

/** The engine's body is signed as the JSON of a value. */
function bodyFor(id: OperationId, { raw, body }: Bad['request']): unknown {
  return raw !== undefined && routes[id].caller.kind === 'engine' ? JSON.parse(raw) : (raw ?? body);
}

async function expectRefused(
  id: OperationId,
  here: ExampleProject,
  { request, query, place, codes }: Bad,
): Promise<void> {
  const answer = await send(backend, id, { params: request.params, body: bodyFor(id, request) }, { query });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  if (answer.json.code === 'invalid_request') {
    const paths = errorPaths(answer) ?? [];
    if (answer.json.message === undefined) expect(paths.some((told) => covers(told, place))).toBe(true);
  } else {
    expect(codes).toContain(answer.json.code);
  }
  for (const secret of [...Object.values(here.credentials), 'xxxxxxxxxx', 'line\\nbreak']) {
    const inKey = place.includes(secret);
    if (!inKey) expect(answer.text).not.toContain(secret);
  }
}

/** A route that takes nothing but signed ids has no place to be bad in. */
const bad = OPERATIONS.filter((id) => routes[id].caller.kind !== 'engine' || routes[id].body !== noBody);

describe.each(bad)('%s', (id) => {
  test('refuses whatever is bad in one place, by its place, and changes nothing', async () => {
    const here = await createExampleProject(backend);
    const request = EXAMPLES[id](here);
    const before = await snapshot(here);
    await fc.assert(
      fc.asyncProperty(badRequests(id, request), (one) => expectRefused(id, here, one)),
      { numRuns: 40, interruptAfterTimeLimit: 3_000 },
    );
    expect(await snapshot(here)).toEqual(before);
  });
});
