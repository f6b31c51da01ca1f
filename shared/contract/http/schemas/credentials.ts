import * as z from 'zod/mini';
import { FIELD_MAX_LENGTH } from '../../../domain/credentials/accept.ts';
import { Credentials } from '../../../domain/credentials/credentials.ts';
import { described, PLAIN, time } from './primitives.ts';

const MAX_FIELDS = 20;

const value = z
  .string()
  .check(z.maxLength(FIELD_MAX_LENGTH), z.regex(PLAIN, 'must be text without control characters'));

/** Credentials as they are typed, concealed from here on. Their provider says which fields there are. */
export const credentials = z.pipe(
  z.record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/, 'must be a field name')), value).check(
    z.check((ctx) => {
      if (Object.keys(ctx.value).length > MAX_FIELDS) {
        ctx.issues.push({
          code: 'custom',
          message: `must have at most ${MAX_FIELDS} fields`,
          input: ctx.value,
        });
      }
    }),
    z.describe(
      "The fields that the provider asks for (auth.fields of the provider), by name: `{ apiKey: '…' }`. Write only: no answer ever holds them.",
    ),
  ),
  z.transform((fields) => new Credentials(fields)),
);

/** When new credentials end, for a provider that does not tell; its own word comes first. */
export const credentialsEnd = described(
  z.optional(
    z.pipe(
      z.iso.datetime({ offset: true }),
      z.transform((text) => new Date(text).toISOString()),
    ),
  ),
  'When the credentials end, where you know and the provider does not tell. Must be a time to come.',
);

/** Live credentials, for the flow engine's eyes alone. */
export const issuedCredentials = z.strictObject({
  connectionId: z.string(),
  provider: z.string(),
  authType: z.enum(['api_key', 'basic', 'custom', 'oauth2']),
  credentials: z.record(z.string(), z.string()),
  expiresAt: z.nullable(time),
  version: z.int(),
});
