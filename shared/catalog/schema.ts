import * as z from 'zod/mini';
import { AUTH_TYPES, CADENCES, RESPONSE_OUTCOMES } from '../domain/terms.ts';
import { exampleSchema, UNDOCUMENTED } from './example-schema.ts';
import { oauth2Schema } from './oauth2-schema.ts';

const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(400));
const httpsUrl = z.string().check(z.regex(/^https:\/\/[a-z0-9.-]+(\/\S*)?$/, 'must be an https address'));
const fieldName = z.string().check(z.regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'must be camelCase'));
const headerName = z.string().check(z.regex(/^[a-z0-9-]+$/, 'must be a lower-case header name'));
/** Constant text with `{name}` in the place of a field's value, a derived value or `{accessToken}`. */
const template = z.string().check(z.minLength(1), z.maxLength(400));
/** Name that the user enters. */
const templateName = z.string().check(z.regex(/^\{[a-z]\w*\}$/, 'must be a lower-case header name'));

const field = z.strictObject({
  name: fieldName,
  label: text,
  help: z.optional(text),
  /** Secret values are never shown again; the others may be (a site's name, an email address). */
  secret: z.boolean(),
  required: z.boolean(),
  placeholder: z.optional(text),
  /** Regular expression over the whole value, anchored, that is also valid as an HTML `pattern`. */
  pattern: z.optional(z.string().check(z.regex(/^\^.*\$$/, 'must be anchored by ^ and $'))),
  /**
   * Template of made-up values, where `sample-<field>-{name}` does not match the pattern. See `makeSample`.
   */
  sample: z.optional(template),
});

const request = z.strictObject({
  method: z.enum(['GET', 'POST']),
  /** A path; in an open entry also a single `{template}`, a path that the user enters, with a query; or nothing but the address. */
  path: z
    .string()
    .check(z.maxLength(400), z.regex(/^(\/[^?#\s]*|\{\w+\})?$/, 'must begin with / and hold no query')),
  query: z.optional(z.record(z.string(), z.string())),
  headers: z.optional(z.record(headerName, z.string())),
  /** Sent as JSON, unchanged. */
  body: z.optional(z.record(z.string(), z.unknown())),
});

const constant = z.union([z.string(), z.number(), z.boolean()]);

/** Condition on a response of the provider, and its outcome. The first rule that matches applies. */
const responseRule = z.strictObject({
  status: z.array(z.number().check(z.int(), z.gte(100), z.lte(599))).check(z.minLength(1)),
  /** Field of an open entry in which the user enters other statuses, separated by commas. Any body will do then. */
  statusFrom: z.optional(fieldName),
  /** The response has this header, with one of the values where there are some. */
  header: z.optional(z.strictObject({ name: headerName, oneOf: z.optional(z.array(z.string())) })),
  /** The JSON body has a value at the path, one of the values where there are some. */
  body: z.optional(z.strictObject({ path: text, oneOf: z.optional(z.array(constant)) })),
  /** The body, as text, contains one of these phrases, in any case. */
  text: z.optional(z.array(text).check(z.minLength(1))),
  outcome: z.enum(RESPONSE_OUTCOMES),
});

/** `body.a.b.0` or `header.name`. */
const reading = z.string().check(z.regex(/^(body|header)\.\S+$/, 'must be body.<path> or header.<name>'));

/** One way to authenticate at one third-party service, as data. A second way is a second entry. */
export const providerSchema = z.strictObject({
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
    type: z.enum(AUTH_TYPES),
    fields: z.array(field),
  }),
  oauth2: z.optional(oauth2Schema),
  /**
   * True for a service that the user names, by whole addresses: `baseUrl`, the endpoints of `oauth2` and the probe's path may
   * each be a single `{template}`, and so may names of headers and query parameters (docs/decisions/0028). `complete` fills
   * them.
   */
  open: z.optional(z.literal(true)),
  /** `https://host`, of which the leftmost label alone may be a `{template}`. */
  baseUrl: z.string(),
  /** Values cut out of a field by a pattern's first group, such as the data center in a key's suffix. */
  derived: z.optional(z.record(fieldName, z.strictObject({ from: fieldName, pattern: text }))),
  send: z.strictObject({
    headers: z.optional(z.record(z.union([headerName, templateName]), template)),
    query: z.optional(z.record(z.string(), template)),
    basic: z.optional(z.strictObject({ username: template, password: z.string() })),
  }),
  probe: request,
  /**
   * Probe of an older version of the service's protocol, at the same path. It follows a response to `probe` that no rule
   * matches, unless that is a redirect, a rate limit or a server error.
   */
  olderProbe: z.optional(z.omit(request, { path: true })),
  /**
   * Account that the credentials belong to: text with `{body.…}`, `{header.…}` and `{field.…}`, a field that is not
   * secret or a value of `oauth2.keep`. The first label that the response has every part of applies. Null where the service does not identify it.
   */
  account: z.nullable(z.strictObject({ id: text, labels: z.array(text).check(z.minLength(1)) })),
  /** End of the credentials: in the response to the probe, or to a second request. */
  expiry: z.optional(z.strictObject({ read: reading, request: z.optional(request) })),
  responseRules: z.array(responseRule).check(z.minLength(2)),
  /** Wait after a rate-limited response, for services that send no `Retry-After`. */
  retryAfter: z.optional(
    z.strictObject({ read: reading, unit: z.enum(['seconds', 'epoch_seconds', 'epoch_milliseconds']) }),
  ),
  cadence: z.enum(CADENCES),
  /** Calls per second that all checks together may make, where the provider documents a limit per client. */
  limits: z.optional(
    z.strictObject({
      callsPerSecond: z.number().check(z.gte(0.1), z.lte(1_000)),
      /** Calls at once after a quiet time. Default: those of 5 seconds. */
      burst: z.optional(z.int().check(z.gte(1), z.lte(5_000))),
    }),
  ),
  /** Documented responses: the sandbox answers with them, and the validator classifies them. */
  examples: z.array(exampleSchema),
  /** Situations that `examples` has none of because the service documents no response. */
  undocumented: z.optional(z.array(z.enum(UNDOCUMENTED)).check(z.minLength(1))),
  /** The service's own pages that the entry was written from. */
  sources: z.strictObject({
    authentication: httpsUrl,
    probe: httpsUrl,
    errors: httpsUrl,
    limits: z.optional(httpsUrl),
    expiry: z.optional(httpsUrl),
  }),
});

/** Provider entry as written in `providers/<id>.json`. */
export type ProviderEntry = z.infer<typeof providerSchema>;

/** Problem of an entry. */
export interface EntryIssue {
  /** Dotted path in the entry, such as `auth.fields.0.pattern`; `(entry)` for the whole of it. */
  readonly path: string;
  readonly message: string;
}

type Field = ProviderEntry['auth']['fields'][number];
type Auth<Properties extends keyof Field> = Pick<ProviderEntry['auth'], 'type'> & {
  fields: Pick<Field, Properties>[];
};

/** Compiled entry: what verifying and checking credentials needs, without documentation and examples. */
export type Provider = Omit<
  ProviderEntry,
  'auth' | 'category' | 'docsUrl' | 'examples' | 'undocumented' | 'sources'
> & {
  auth: Auth<'name' | 'label' | 'secret' | 'required' | 'pattern'>;
};

/** Public part of an entry: what a form needs to ask for credentials. */
export type PublicProvider = Pick<ProviderEntry, 'id' | 'name' | 'category' | 'docsUrl'> & {
  auth: Auth<'name' | 'label' | 'help' | 'secret' | 'required' | 'placeholder' | 'pattern'> & {
    /** Scopes that an authorization requests. */
    scopes?: string[];
  };
  /** Name of the platform's OAuth client, without which the provider cannot be connected. */
  client?: string;
};

/** Name and icon of a provider, for lists and views of connections. */
export type ProviderSummary = Pick<ProviderEntry, 'name' | 'category' | 'cadence'> & {
  authType: ProviderEntry['auth']['type'];
};

/** Providers that connections can be made to. An id that is not in the catalog is undefined everywhere. */
export interface Catalog {
  get(id: string): Provider | undefined;
  summary(id: string): ProviderSummary | undefined;
  form(id: string): PublicProvider | undefined;
  /** Returns all providers in the order of `compareProviders`. */
  list(): readonly PublicProvider[];
  /** Returns the icon as SVG. */
  icon(id: string): string | undefined;
}
