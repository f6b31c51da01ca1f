import type { EntryIssue, ProviderEntry } from './schema.ts';
import { placeholders } from './templates.ts';
import { DISCOVERED } from './validate-open.ts';

type OAuth2 = NonNullable<ProviderEntry['oauth2']>;
type AuthType = ProviderEntry['auth']['type'];

/** Fields that a project enters to obtain tokens without a browser, by the entry's kind of grant. */
const GRANT_FIELDS: Partial<Record<AuthType, Readonly<Record<string, { readonly secret: boolean }>>>> = {
  oauth2: {},
  oauth2_client_credentials: { clientId: { secret: false }, clientSecret: { secret: true } },
  service_account: { serviceAccountKey: { secret: true } },
};

/** Parts that only the authorization code grant has. */
const CODE_GRANT_PARTS = [
  'client',
  'authorizeUrl',
  'issuer',
  'authorizeParameters',
  'refresh',
  'longLived',
  'metadata',
  'keep',
  'revocation',
] as const satisfies readonly (keyof OAuth2)[];

/** Names that stored credentials and access values have for themselves. */
const RESERVED = ['accessToken', 'tokenType', 'refreshToken'];

/** Lists templates of the requests for tokens, and the fields that these always need. */
export function oauth2Templates({ open, auth, oauth2 }: ProviderEntry): string[] {
  if (oauth2 === undefined) return [];
  const { authorizeUrl = '', tokenUrl, token } = oauth2;
  const needed = Object.keys(grantFieldsOf({ open, auth, oauth2 })).map((name) => `{${name}}`);
  return [authorizeUrl, tokenUrl, ...Object.values(token.parameters ?? {}), ...needed];
}

/** Checks that the parts of an entry's OAuth 2.0 belong to its grant and to each other. */
export function oauth2Issues(entry: ProviderEntry): EntryIssue[] {
  const { auth, oauth2 } = entry;
  const grantFields = GRANT_FIELDS[auth.type];
  if ((grantFields === undefined) !== (oauth2 === undefined)) {
    const types = Object.keys(GRANT_FIELDS).join(', ');
    return [{ path: 'oauth2', message: `belongs to entries with auth.type ${types}, and to all of them` }];
  }
  if (auth.type !== 'oauth2' && auth.fields.length === 0) {
    return [{ path: 'auth.fields', message: 'must have a field' }];
  }
  if (oauth2 === undefined) return [];
  return [
    ...grantFieldIssues(entry),
    ...grantIssues(entry, oauth2),
    ...keepIssues(entry, oauth2),
    ...longLivedIssues(oauth2),
    ...addressIssues(entry, oauth2),
    ...sourceIssues(oauth2),
  ].map(([path, message]) => ({ path, message }));
}

type Issue = readonly [path: string, message: string];

type GrantFields = Readonly<Record<string, { readonly secret: boolean }>>;

/** A user who names the authorization server has a client of their own there, unless one is registered. */
function grantFieldsOf({ open, auth, oauth2 }: Pick<ProviderEntry, 'open' | 'auth' | 'oauth2'>): GrantFields {
  const isOwn = open && auth.type === 'oauth2' && !oauth2?.discovery;
  return GRANT_FIELDS[isOwn ? 'oauth2_client_credentials' : auth.type] ?? {};
}

function grantFieldIssues(entry: ProviderEntry): Issue[] {
  const { auth } = entry;
  return Object.entries(grantFieldsOf(entry)).flatMap(([name, { secret }]): Issue[] => {
    const field = auth.fields.find((each) => each.name === name);
    if (!field?.required) return [['auth.fields', `${auth.type} needs the required field ${name}`]];
    return secret && !field.secret ? [['auth.fields', `the field ${name} must be secret`]] : [];
  });
}

function grantIssues({ open, auth: { type } }: ProviderEntry, oauth2: OAuth2): Issue[] {
  const { token } = oauth2;
  const isCode = type === 'oauth2';
  const client = open ? [] : (['client'] as const);
  const needed = isCode ? ([...client, 'authorizeUrl'] as const) : [];
  const foreign = isCode ? [] : CODE_GRANT_PARTS;
  const isAuthenticated = token.clientAuthentication !== 'none';
  return [
    ...needed
      .filter((part) => oauth2[part] === undefined)
      .map((part): Issue => [`oauth2.${part}`, 'is needed to send users to the provider']),
    ...foreign
      .filter((part) => oauth2[part] !== undefined)
      .map((part): Issue => [`oauth2.${part}`, `has no use with auth.type ${type}`]),
    ...(!open && isAuthenticated === (type === 'service_account')
      ? [['oauth2.token.clientAuthentication', 'is none for a service account, and for it alone'] as const]
      : []),
    ...(token.grantType !== undefined && type !== 'oauth2_client_credentials'
      ? [['oauth2.token.grantType', "is of a project's own client only"] as const]
      : []),
  ];
}

function keepIssues(
  { auth, derived = {} }: ProviderEntry,
  { keep = {}, metadata, ...oauth2 }: OAuth2,
): Issue[] {
  const entered = new Set([...auth.fields.map(({ name }) => name), ...Object.keys(derived), ...RESERVED]);
  const readings = [...Object.values(keep).map(({ read }) => read), oauth2.refresh?.seconds ?? ''];
  const readsMetadata = readings.some((reading) => reading.startsWith('metadata.'));
  return [
    ...Object.keys(keep)
      .filter((name) => entered.has(name))
      .map((name): Issue => [`oauth2.keep.${name}`, 'is the name of another value']),
    ...(readsMetadata === (metadata !== undefined)
      ? []
      : [['oauth2.metadata', 'is needed for values of keep that read it, and for them alone'] as const]),
    ...[...Object.values(metadata?.query ?? {}), ...Object.values(metadata?.headers ?? {})]
      .flatMap(placeholders)
      .filter((name) => name !== 'accessToken' && !/^claims\.\w+$/.test(name))
      .map((name): Issue => ['oauth2.metadata', `{${name}} is neither {accessToken} nor {claims.<name>}`]),
  ];
}

function longLivedIssues({ longLived, refresh }: OAuth2): Issue[] {
  if (longLived === undefined) return [];
  const known = ['clientId', 'clientSecret', 'accessToken'];
  const unknown = (['exchange', 'refresh'] as const).flatMap((part) =>
    Object.values(longLived[part]?.parameters ?? {})
      .flatMap(placeholders)
      .filter((name) => !known.includes(name))
      .map((name): Issue => [`oauth2.longLived.${part}`, `{${name}} is none of ${known.join(', ')}`]),
  );
  const isRotating = refresh?.rotation === 'each';
  return [
    ...unknown,
    ...((longLived.refresh !== undefined) === isRotating && (isRotating || refresh === undefined)
      ? []
      : [
          [
            'oauth2.refresh',
            'has rotation each where longLived.refresh is, and is left out elsewhere',
          ] as const,
        ]),
  ];
}

/** Values reach requests for tokens from fields alone, and the revocation from kept values too. */
function addressIssues({ auth }: ProviderEntry, oauth2: OAuth2): Issue[] {
  const fields = [...auth.fields.map(({ name }) => name), ...(oauth2.discovery ? DISCOVERED : [])];
  const { authorizeUrl = '', tokenUrl, token, metadata, refresh, revocation, longLived, keep = {} } = oauth2;
  const templates: KnownTemplate[] = [
    ['authorizeUrl', authorizeUrl, fields],
    ['tokenUrl', tokenUrl, fields],
    ['metadata.url', metadata?.url ?? '', fields],
    ['revocation.url', revocation?.url ?? '', [...fields, ...Object.keys(keep)]],
    ...templatesOf('refresh.parameters', refresh?.parameters, Object.keys(keep)),
    ...templatesOf('revocation.parameters', revocation?.parameters, ['token', 'clientId', 'clientSecret']),
    ['longLived.exchange.url', longLived?.exchange.url ?? '', []],
    ['longLived.refresh.url', longLived?.refresh?.url ?? '', []],
    ...templatesOf('token.parameters', token.parameters, fields),
  ];
  return templates.flatMap(([path, template, known]) =>
    placeholders(template)
      .filter((name) => !known.includes(name) && !(path === 'token.parameters' && isFromRedirect(name, auth)))
      .map((name): Issue => [`oauth2.${path}`, `{${name}} is not known there`]),
  );
}

type KnownTemplate = [path: string, template: string, known: readonly string[]];

function templatesOf(
  path: string,
  templates: Readonly<Record<string, string>> = {},
  known: readonly string[],
): KnownTemplate[] {
  return Object.values(templates).map((template) => [path, template, known]);
}

function isFromRedirect(name: string, { type }: ProviderEntry['auth']): boolean {
  return type === 'oauth2' && name.startsWith('callback.');
}

/** Each part comes from a page of the provider. */
function sourceIssues({ sources, authorizeUrl, refresh, revocation, longLived, metadata }: OAuth2): Issue[] {
  const parts = { authorize: authorizeUrl, refresh, revocation, longLived, metadata };
  const named: Readonly<Record<string, string | undefined>> = sources;
  return Object.entries(parts)
    .filter(([name, part]) => part !== undefined && named[name] === undefined)
    .map(([name]): Issue => [`oauth2.sources.${name}`, 'is missing']);
}
