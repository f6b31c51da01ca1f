import * as z from 'zod/mini';
import { STEPS_MAX } from '../../../domain/flows/flow.ts';
import { credentials, credentialsEnd } from './credentials.ts';
import { connectionId, described, name, named, pageOf, providerId } from './primitives.ts';

/** A flow as far as its connections are concerned. */
export const flow = named(
  'Flow',
  z.strictObject({
    id: z.string(),
    name: z.string(),
    blocked: described(z.boolean(), 'True while any connection in the flow is inactive.'),
    integrations: described(
      z.array(
        z.strictObject({
          stepId: z.string(),
          provider: described(z.string(), 'The id of the provider.'),
          connectionId: z.string(),
          connectionStatus: z.enum(['active', 'inactive']),
        }),
      ),
      `Its steps that act on a service, at most ${STEPS_MAX}.`,
    ),
  }),
  'A flow with the steps that act on a service.',
);

export type FlowResponse = z.input<typeof flow>;

export const flowPage = named('FlowPage', pageOf(flow), 'A page of flows.');

const integrationFields = z.strictObject({
  provider: providerId,
  credentials: z.optional(credentials),
  expiresAt: credentialsEnd,
  name: z.optional(name),
  connectionId: z.optional(connectionId),
});

/**
 * How a step gets its connection: a new one from credentials, or an existing one. Both share one object in the
 * contract so that every fault is told at once; what comes out is one or the other.
 */
export const integrationBody = z.pipe(
  integrationFields.check(
    z.check((ctx) => {
      const { credentials: typed, connectionId: existing, name: given, expiresAt } = ctx.value;
      const fault = (path: string, message: string) =>
        ctx.issues.push({ code: 'custom', message, path: [path], input: undefined });
      if (!typed && !existing) fault('credentials', 'is required, unless connectionId is given');
      if (existing && expiresAt !== undefined)
        fault('expiresAt', 'cannot be given together with connectionId');
      if (typed && existing) fault('connectionId', 'cannot be given together with credentials');
      if (existing && given !== undefined) fault('name', 'cannot be given together with connectionId');
    }),
    z.describe(
      "Either credentials for a new connection, with a name or the provider's and the account's; or the connectionId of an existing one.",
    ),
  ),
  z.transform(({ provider, credentials: typed, connectionId: existing, name: given, expiresAt }) =>
    typed
      ? ({ kind: 'new', provider, credentials: typed, expiresAt, name: given } as const)
      : ({ kind: 'existing', provider, connectionId: existing ?? '' } as const),
  ),
);
