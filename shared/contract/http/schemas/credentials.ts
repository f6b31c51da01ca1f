import * as z from 'zod/mini';
import { FIELD_MAX_LENGTH } from '../../../domain/credentials/accept.ts';
import { Credentials } from '../../../domain/credentials/credentials.ts';
import { AUTH_TYPES } from '../../../domain/terms.ts';
import { described, plainTextChecks, time } from './primitives.ts';

const MAX_FIELDS = 20;

const value = z.string().check(z.maxLength(FIELD_MAX_LENGTH), ...plainTextChecks());

/** Schema of entered credentials, concealed from here on. The provider defines which fields there are. */
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
      "The fields that the provider needs (auth.fields of the provider), by name: `{ apiKey: '…' }`. Write only: no response ever holds them.",
    ),
  ),
  z.transform((fields) => new Credentials(fields)),
);

/** Schema of the end of entered credentials, for a provider that does not report it. */
export const credentialsEnd = described(
  z.optional(
    z.pipe(
      z.iso.datetime({ offset: true }),
      z.transform((text) => new Date(text).toISOString()),
    ),
  ),
  'When the credentials end, if you know it and the provider does not report it. Must be in the future.',
);

/** Schema of credentials issued to the flow engine. */
export const issuedCredentials = z.strictObject({
  connectionId: z.string(),
  provider: z.string(),
  authType: z.enum(AUTH_TYPES),
  credentials: z.record(z.string(), z.string()),
  expiresAt: z.nullable(time),
  version: z.int(),
});
