import * as z from 'zod/mini';
import { MAX_INTEGRATIONS } from '../../../domain/model/flow.ts';
import { STATUSES } from '../../../domain/terms.ts';
import { credentials, credentialsEnd } from './credentials.ts';
import { connectionId, described, name, named, pageOf, providerId } from './primitives.ts';

/** Schema of a flow with its integrations. */
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
          connectionStatus: z.enum(STATUSES),
        }),
      ),
      `Its steps that act on a provider, at most ${MAX_INTEGRATIONS}.`,
    ),
  }),
  'A flow with the steps that act on a provider.',
);

export type FlowView = z.input<typeof flow>;

export const flowPage = named('FlowPage', pageOf(flow), 'A page of flows.');

const integrationFields = z.strictObject({
  provider: providerId,
  credentials: z.optional(credentials),
  expiresAt: credentialsEnd,
  name: z.optional(name),
  connectionId: z.optional(connectionId),
});

/**
 * Schema of how a step gets its connection: a new one from credentials, or an existing one. Input is one object, so that
 * all its issues are reported at once; output is one of the two kinds.
 */
export const integrationBody = z.pipe(
  integrationFields.check(
    z.check((ctx) => {
      const { credentials: entered, connectionId: existing, name: chosen, expiresAt } = ctx.value;
      const addIssue = (path: string, message: string) =>
        ctx.issues.push({ code: 'custom', message, path: [path], input: undefined });
      if (!entered && !existing) addIssue('credentials', 'is required, unless connectionId is given');
      if (existing && expiresAt !== undefined)
        addIssue('expiresAt', 'cannot be given together with connectionId');
      if (entered && existing) addIssue('connectionId', 'cannot be given together with credentials');
      if (existing && chosen !== undefined) addIssue('name', 'cannot be given together with connectionId');
    }),
    z.meta({
      description:
        "Either credentials for a new connection, with a name or the provider's and the account's; or the connectionId of an existing one.",
      oneOf: [
        { required: ['credentials'], not: { required: ['connectionId'] } },
        {
          required: ['connectionId'],
          not: { anyOf: ['credentials', 'expiresAt', 'name'].map((field) => ({ required: [field] })) },
        },
      ],
    }),
  ),
  z.transform(({ provider, credentials: entered, connectionId: existing, name: chosen, expiresAt }) =>
    entered
      ? ({ kind: 'new', provider, credentials: entered, expiresAt, name: chosen } as const)
      : ({ kind: 'existing', provider, connectionId: existing ?? '' } as const),
  ),
);
