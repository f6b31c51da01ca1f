import * as z from 'zod/mini';
import { isIdempotent, type ParameterSchema, type Route } from '../http/route.ts';
import type { JsonSchema, SchemaWriter } from './schemas.ts';

/** An OpenAPI parameter. */
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: true;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** `*`, or a list of entity tags (RFC 9110, section 13.1). */
const ENTITY_TAGS = '^(\\*|(W/)?"[!#-~\\u0080-\\u00ff]*"( *, *(W/)?"[!#-~\\u0080-\\u00ff]*")*)$';

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description:
    'The ETag of the connection as you read it. If it has another version by now, nothing changes and the response is 412 `version_conflict`. Without the header every version is accepted.',
  schema: {
    type: 'string',
    pattern: ENTITY_TAGS,
    examples: ['"4"'],
  },
} as const satisfies Parameter;

const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header',
  description:
    'The ETag of the response that you have. If it is still the same, the response is 304 without a body.',
  schema: { type: 'string', pattern: ENTITY_TAGS },
} as const satisfies Parameter;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A value of your choice, new for each operation. Sent again within 24 hours with the same request it returns the first response and does nothing else; with another request, 422 `idempotency_key_reused`; while the first is still running, 409 `request_in_progress`.',
  schema: {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,255}$',
    examples: ['5b1c2f0a-6f0e-4d0e-9a53-1c5a0c8b7e11'],
  },
} as const satisfies Parameter;

/** Returns the parameters of a route: path, query, headers. */
export function parametersOf(route: Route, writer: SchemaWriter): readonly Parameter[] {
  return [
    ...fieldsOf(route.params, 'path', writer),
    ...fieldsOf(route.query, 'query', writer),
    ...(route.ifMatch ? [IF_MATCH] : []),
    ...(route.etag === 'content' ? [IF_NONE_MATCH] : []),
    ...(isIdempotent(route) ? [IDEMPOTENCY_KEY] : []),
  ];
}

function fieldsOf(schema: ParameterSchema, location: 'path' | 'query', writer: SchemaWriter): Parameter[] {
  const { properties = {}, required = [] } = written.parse(writer.write(schema, 'input'));
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: location,
    ...(required.includes(name) && { required: true }),
    ...(description !== undefined && { description }),
    schema: field,
  }));
}

const written = z.object({
  properties: z.optional(z.record(z.string(), z.looseObject({ description: z.optional(z.string()) }))),
  required: z.optional(z.array(z.string())),
});
