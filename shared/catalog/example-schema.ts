import * as z from 'zod/mini';

/**
 * Situations that a provider documents a response for: `ok` the credentials work, `missing` the request has
 * none, `unknown` they were never valid, `revoked` they no longer are, `expired` they ran out, `forbidden`
 * they are valid but no longer allowed this (a scope, plan or policy changed), `rate_limited` too many
 * requests, `header_missing` the request lacks a header that the provider requires.
 */
export const SITUATIONS = [
  'ok',
  'missing',
  'unknown',
  'revoked',
  'expired',
  'forbidden',
  'rate_limited',
  'header_missing',
] as const;

export type Situation = (typeof SITUATIONS)[number];

/**
 * Situations whose response a service may leave undocumented. The entry then has no rule for them: such a response has no
 * verdict, and the connection keeps its status.
 */
export const UNDOCUMENTED = ['forbidden'] as const satisfies readonly Situation[];

const headerName = z.string().check(z.regex(/^[a-z0-9-]+$/, 'must be a lower-case header name'));

/**
 * Response from the provider's documentation. Text in `headers`, `body` and `text` may hold placeholders, see
 * `ExampleValues`: a JSON string that is a single placeholder becomes its value (a number, a list of scopes);
 * one without a value becomes null in a body and omits a header.
 */
export const exampleSchema = z.strictObject({
  situations: z.array(z.enum(SITUATIONS)).check(z.minLength(1)),
  /** Request that it responds to, before an example that leaves this out and so responds to every request. */
  request: z.optional(z.enum(['probe', 'olderProbe', 'expiry'])),
  /** Scopes without which the provider does not send it; of `ok` only. */
  scopes: z.optional(z.array(z.string())),
  /** Required header that the request lacks; of `header_missing` only. */
  header: z.optional(headerName),
  status: z.number().check(z.int(), z.gte(100), z.lte(599)),
  headers: z.optional(z.record(headerName, z.string())),
  /** JSON body. */
  body: z.optional(z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())])),
  /** Body that is not JSON. */
  text: z.optional(z.string()),
  /** Page that documents it, where that is none of the entry's `sources`. */
  source: z.optional(z.url()),
});

export type Example = z.infer<typeof exampleSchema>;
