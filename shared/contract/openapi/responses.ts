import { type ErrorCode, isRetryable } from '../../domain/errors.ts';
import { codesOf, PROBLEMS } from '../http/problems.ts';
import { isIdempotent, type ResponseSchema, type Route } from '../http/route.ts';
import { type JsonSchema, reference, type SchemaWriter } from './schemas.ts';

interface Header {
  readonly description: string;
  readonly schema: JsonSchema;
}

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

const ETAGS: Readonly<Record<NonNullable<Route['etag']>, Header>> = {
  version: {
    description: "The connection's version, for If-Match.",
    schema: { type: 'string', examples: ['"4"'] },
  },
  content: {
    description: 'Another one whenever the content differs, for If-None-Match.',
    schema: { type: 'string' },
  },
};

const LOCATION: Header = { description: 'An absolute address.', schema: { type: 'string', format: 'uri' } };

const REPLAYED: Header = {
  description: 'Present if this is the stored response of the first request with this Idempotency-Key.',
  schema: { type: 'string', const: 'true' },
};

const RETRY_AFTER: Header = {
  description: 'Seconds after which to try again.',
  schema: { type: 'integer', minimum: 1 },
};

/** Adds to the refusals of a route that of API Gateway, which throttles before any function runs. */
function withGatewayRefusal(refused: Response | undefined): Response {
  const description = 'API Gateway: more requests than the rate limit of the stage.';
  return {
    ...refused,
    description: refused ? `${refused.description} ${description}` : description,
    content: { ...refused?.content, 'application/json': { schema: reference('GatewayRefusal') } },
  };
}

const SUCCESS_DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Accepted.',
  204: 'Done.',
  302: 'The browser goes on to the address in Location.',
  304: 'The content is the one that If-None-Match names.',
};

/** Returns all responses of a route: those that it declares, and its refusals by status. */
export function responsesOf(route: Route, writer: SchemaWriter): Readonly<Record<string, Response>> {
  const responses: Record<string, Response> = {};
  for (const [status, schema] of Object.entries(route.responses)) {
    responses[status] = response(route, Number(status), schema, writer);
  }
  for (const [status, codes] of byStatus(codesOf(route))) {
    const refused = refusal(route, status, codes);
    // A status that the route declares as well, as a page for people.
    responses[status] = { ...refused, content: { ...responses[status]?.content, ...refused.content } };
  }
  responses[429] = withGatewayRefusal(responses[429]);
  return responses;
}

function response(route: Route, status: number, schema: ResponseSchema, writer: SchemaWriter): Response {
  const { mediaType = 'application/json' } = route;
  return {
    description: SUCCESS_DESCRIPTIONS[status] ?? `${status}`,
    ...headersOf(route, status),
    ...(schema && { content: { [mediaType]: { schema: writer.write(schema, 'output') } } }),
  };
}

function headersOf(route: Route, status: number): Pick<Response, 'headers'> {
  const headers = {
    ...(status === 302 && { Location: LOCATION }),
    ...(route.etag && { ETag: ETAGS[route.etag] }),
    ...(isIdempotent(route) && { 'Idempotency-Replayed': REPLAYED }),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

function refusal(route: Route, status: number, codes: readonly ErrorCode[]): Response {
  const problem = {
    allOf: [reference('Problem'), { properties: { status: { const: status }, code: { enum: [...codes] } } }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    ...(codes.some(isRetryable) && { headers: { 'Retry-After': RETRY_AFTER } }),
    content: {
      'application/problem+json': { schema: problem },
      ...(isGatewayRefusal(route, status) && { 'application/json': { schema: reference('GatewayRefusal') } }),
    },
  };
}

/** Returns true if API Gateway refuses with this status before any function runs. */
function isGatewayRefusal({ caller }: Route, status: number): boolean {
  if (status === 413 || status === 431) return true;
  return (caller.kind === 'user' && status === 401) || (caller.kind === 'engine' && status === 403);
}

function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const sorted = [...codes].sort();
  return Map.groupBy(sorted, (code) => PROBLEMS[code].status);
}
