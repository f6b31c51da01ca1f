import * as z from 'zod/mini';
import { catalogIssues } from './soundness.ts';

const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(400));
const httpsUrl = z.string().check(z.regex(/^https:\/\/[a-z0-9.-]+(\/\S*)?$/, 'must be an https address'));
const fieldName = z.string().check(z.regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'must be camelCase'));
const headerName = z.string().check(z.regex(/^[a-z0-9-]+$/, 'must be a lower-case header name'));
/** Constant text with `{name}` where the value of a field, a derived value or `{accessToken}` goes. */
const template = z.string().check(z.minLength(1), z.maxLength(400));

const field = z.strictObject({
  name: fieldName,
  label: text,
  help: z.optional(text),
  /** Secret values are never shown again; the others may be (a site's name, an email address). */
  secret: z.boolean(),
  required: z.boolean(),
  placeholder: z.optional(text),
  /** A regular expression over the whole value, anchored, that is also valid as an HTML `pattern`. */
  pattern: z.optional(z.string().check(z.regex(/^\^.*\$$/, 'must be anchored by ^ and $'))),
});

const request = z.strictObject({
  method: z.enum(['GET', 'POST']),
  path: template.check(z.regex(/^\/[^?#\s]*$/, 'must begin with / and hold no query')),
  query: z.optional(z.record(z.string(), z.string())),
  headers: z.optional(z.record(headerName, z.string())),
  /** Sent as JSON, as it stands. */
  body: z.optional(z.record(z.string(), z.unknown())),
});

const constant = z.union([z.string(), z.number(), z.boolean()]);

/** One way the provider answers the probe, and what it means. The first one that fits holds. */
const responseRule = z.strictObject({
  status: z.array(z.number().check(z.int(), z.gte(100), z.lte(599))).check(z.minLength(1)),
  /** The header stands in the answer, with one of these values where they are given. */
  header: z.optional(z.strictObject({ name: headerName, oneOf: z.optional(z.array(z.string())) })),
  /** The JSON body has a value at the path, one of these where they are given. */
  body: z.optional(z.strictObject({ path: text, oneOf: z.optional(z.array(constant)) })),
  /** The body, as text, holds one of these phrases, without regard to case. */
  text: z.optional(z.array(text).check(z.minLength(1))),
  outcome: z.enum(['ok', 'credentials_expired', 'access_revoked', 'access_changed', 'rate_limited']),
});

/** `body.a.b.0` or `header.name`. */
const reading = z.string().check(z.regex(/^(body|header)\.\S+$/, 'must be body.<path> or header.<name>'));

const oauth2 = z.strictObject({
  authorizeUrl: httpsUrl,
  tokenUrl: httpsUrl,
  revokeUrl: z.optional(httpsUrl),
  scopes: z.array(text),
  scopeSeparator: z.optional(z.string()),
  pkce: z.boolean(),
  /** How the client authenticates at the token endpoint (RFC 6749 section 2.3.1). */
  clientAuthentication: z.enum(['basic', 'body']),
  authorizeParameters: z.optional(z.record(z.string(), z.string())),
  /** Whether each refresh returns a new refresh token that replaces the old one. */
  rotatesRefreshToken: z.boolean(),
});

/** One way to authenticate at one third-party service, as data. A second way is a second entry. */
export const providerSchema = z
  .strictObject({
    id: z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be kebab-case'), z.maxLength(40)),
    name: text,
    category: z.enum([
      'ai',
      'commerce',
      'communication',
      'crm',
      'developer_tools',
      'email',
      'finance',
      'forms',
      'productivity',
      'project_management',
      'scheduling',
      'support',
    ]),
    docsUrl: httpsUrl,
    auth: z.strictObject({
      type: z.enum(['api_key', 'basic', 'custom', 'oauth2']),
      fields: z.array(field),
    }),
    oauth2: z.optional(oauth2),
    /** `https://host` where the leftmost label alone may be a `{template}`. */
    baseUrl: z.string(),
    /** Values cut out of a field by a pattern's first group, such as the data centre in a key's suffix. */
    derived: z.optional(z.record(fieldName, z.strictObject({ from: fieldName, pattern: text }))),
    send: z.strictObject({
      headers: z.optional(z.record(headerName, template)),
      query: z.optional(z.record(z.string(), template)),
      basic: z.optional(z.strictObject({ username: template, password: z.string() })),
    }),
    probe: request,
    /**
     * Who the credentials act for: text with `{body.…}`, `{header.…}` and `{field.…}`. The first label whose
     * every part is told holds. Null where the service does not tell it.
     */
    account: z.nullable(z.strictObject({ id: text, labels: z.array(text).check(z.minLength(1)) })),
    /** Where the service tells when the credentials end; by a second request where the probe does not tell. */
    expiry: z.optional(z.strictObject({ read: reading, request: z.optional(request) })),
    responseRules: z.array(responseRule).check(z.minLength(2)),
    /** Where a rate-limited answer tells how long to wait, besides `Retry-After`. */
    retryAfter: z.optional(
      z.strictObject({ read: reading, unit: z.enum(['seconds', 'epoch_seconds', 'epoch_milliseconds']) }),
    ),
    cadence: z.enum(['hour', 'six_hours', 'day']),
    /** Calls that all checks together may make, where the provider documents a limit per client. */
    limits: z.optional(
      z.strictObject({
        callsPerSecond: z.number().check(z.gte(0.1), z.lte(1000)),
        burst: z.optional(z.int().check(z.gte(1), z.lte(5000))),
      }),
    ),
    /** The service's own pages that each part was written from. */
    sources: z.strictObject({
      authentication: httpsUrl,
      probe: httpsUrl,
      errors: httpsUrl,
      limits: z.optional(httpsUrl),
      expiry: z.optional(httpsUrl),
    }),
  })
  .check((ctx) => {
    for (const { path, message } of catalogIssues(ctx.value)) {
      ctx.issues.push({ code: 'custom', input: ctx.value, path: [...path], message });
    }
  });

/** A provider entry, as it stands in `providers/<id>.json`. */
export type Provider = z.infer<typeof providerSchema>;

/** The providers that connections can be made to. */
export interface Catalog {
  /** The provider of this id. */
  get(id: string): Provider | undefined;
  /** All providers, by name. */
  list(): readonly Provider[];
}
