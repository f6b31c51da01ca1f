import type { Catalog, Provider } from '../../catalog/schema.ts';
import type { LastCheck } from '../../domain/checks/ports.ts';
import { nextCheckAt } from '../../domain/checks/slots.ts';
import type { Connection, StatusReasonCode } from '../../domain/connections/connection.ts';
import { expiresSoon } from '../../domain/connections/expiry.ts';
import { providerOf } from '../../domain/connections/provider.ts';
import type { FlowView } from '../../domain/flows/statuses.ts';
import { timestamp } from '../../domain/time.ts';
import type { ConnectionView } from './schemas/connection.ts';
import type { FlowResponse } from './schemas/flow.ts';
import type { ProviderView } from './schemas/provider.ts';

/** What a view takes from the request: where the API is reached, what providers there are, and the time. */
export interface ViewContext {
  readonly apiUrl: string;
  readonly catalog: Catalog;
  readonly now: Date;
}

const REASONS: Readonly<Record<StatusReasonCode, string>> = {
  credentials_expired: 'The credentials ran out. Reconnect with new ones.',
  access_revoked: 'The service no longer accepts the credentials. Reconnect with new ones.',
  access_changed:
    'The service accepts the credentials but no longer allows this: a scope, plan or policy changed.',
};

/** Why a connection is inactive, in the API's words. */
export function reasonView(code: StatusReasonCode) {
  return { code, message: REASONS[code] };
}

/**
 * A connection as the API tells it. A single one comes with its last check, which is kept apart from it: lists know
 * of those checks alone that found something new, were asked for, or came with new credentials (docs/decisions/0010).
 */
export function connectionView(
  connection: Connection,
  { apiUrl, catalog, now }: ViewContext,
  lastCheck?: LastCheck,
): ConnectionView {
  const provider = providerOf(connection, { catalog });
  const { providerId: _, statusReason, ...told } = connection;
  return {
    ...told,
    provider: { id: provider.id, name: provider.name, iconUrl: iconUrl(provider, apiUrl) },
    authType: provider.auth.type,
    statusReason: statusReason && reasonView(statusReason),
    lastCheckedAt: latest(connection.lastCheckedAt, lastCheck?.answeredAt ?? null),
    nextCheckAt: timestamp(
      nextCheckAt(connection.id, provider.cadence, laterOf(now, lastCheck?.scheduledFor)),
    ),
    expiresSoon: expiresSoon(connection, now),
    ...(lastCheck && { lastCheck: newestCheck(connection, lastCheck) }),
  };
}

/** The last check, or what new credentials were accepted with, which is a check as well, whichever came later. */
function newestCheck({ status, lastCheckedAt }: Connection, { outcome, at }: LastCheck) {
  if (lastCheckedAt === null || lastCheckedAt <= at) return { outcome, at };
  return { outcome: status === 'active' ? 'ok' : 'rejected', at: lastCheckedAt } as const;
}

function latest(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b;
}

function laterOf(now: Date, scheduledFor: string | undefined): Date {
  return scheduledFor === undefined
    ? now
    : new Date(Math.max(now.getTime(), new Date(scheduledFor).getTime()));
}

/** A provider as the API tells it: nothing of how it is called. */
export function providerView(provider: Provider, { apiUrl }: Pick<ViewContext, 'apiUrl'>): ProviderView {
  const { id, name, category, docsUrl, auth } = provider;
  return { id, name, category, docsUrl, auth, iconUrl: iconUrl(provider, apiUrl) };
}

/** A flow as the API tells it. */
export function flowView({ id, name, blocked, integrations }: FlowView): FlowResponse {
  return {
    id,
    name,
    blocked,
    integrations: integrations.map(({ stepId, providerId, connectionId, connectionStatus }) => ({
      stepId,
      provider: providerId,
      connectionId,
      connectionStatus,
    })),
  };
}

function iconUrl({ id }: Provider, apiUrl: string): string {
  return `${apiUrl}/v1/providers/${id}/icon.svg`;
}
