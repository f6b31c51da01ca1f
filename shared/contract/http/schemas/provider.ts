import * as z from 'zod/mini';
import { described, named } from './primitives.ts';

/** The public part of a provider: what a form needs to ask for credentials. */
export const provider = named(
  'Provider',
  z.strictObject({
    id: z.string(),
    name: z.string(),
    category: z.string(),
    iconUrl: z.url(),
    docsUrl: described(z.url(), 'Where the service tells how to get such credentials.'),
    auth: z.strictObject({
      type: described(
        z.enum(['api_key', 'basic', 'custom', 'oauth2']),
        'With oauth2 the person authorizes at the service and there are no fields.',
      ),
      fields: z.array(
        z.strictObject({
          name: described(z.string(), 'Its key in credentials.'),
          label: z.string(),
          help: z.optional(z.string()),
          secret: described(z.boolean(), 'Never shown again, once it is sent.'),
          required: z.boolean(),
          placeholder: z.optional(z.string()),
          pattern: described(
            z.optional(z.string()),
            'A regular expression over the whole value, for a form.',
          ),
        }),
      ),
    }),
  }),
  'A service that connections can be made to, and what a form needs to ask for its credentials.',
);

export type ProviderView = z.input<typeof provider>;
