import * as z from 'zod/mini';
import { AUTH_TYPES } from '../../../domain/terms.ts';
import { described, named } from './primitives.ts';

/** Schema of the public part of a provider: what a form for its credentials needs. */
export const provider = named(
  'Provider',
  z.strictObject({
    id: z.string(),
    name: z.string(),
    category: z.string(),
    iconUrl: z.url(),
    available: described(z.boolean(), 'False: the platform has not configured its OAuth client.'),
    docsUrl: described(z.url(), "The provider's page about such credentials."),
    auth: z.strictObject({
      type: described(
        z.enum(AUTH_TYPES),
        'With oauth2 the user authorizes at the provider; fields are what must be known before.',
      ),
      fields: z.array(
        z.strictObject({
          name: described(z.string(), 'Its key in credentials.'),
          label: z.string(),
          help: z.optional(z.string()),
          secret: described(z.boolean(), 'True: never shown again after it was sent.'),
          required: z.boolean(),
          placeholder: z.optional(z.string()),
          pattern: described(
            z.optional(z.string()),
            'A regular expression over the whole value, for a form.',
          ),
        }),
      ),
      scopes: described(z.optional(z.array(z.string())), 'What an authorization requests.'),
    }),
  }),
  'A third-party service that can be connected, and what a form for its credentials needs.',
);

export type ProviderView = z.input<typeof provider>;
