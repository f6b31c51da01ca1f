import type { Catalog, PublicProvider } from '../../catalog/schema.ts';
import type { LastCheck } from '../../domain/checks/ports.ts';
import { nextCheckAt } from '../../domain/checks/slots.ts';
import type { OAuthClientIndex } from '../../domain/credentials/oauth.ts';
import type { FlowWithStatuses } from '../../domain/flows/view.ts';
import type { Connection } from '../../domain/model/connection.ts';
import { expiresSoon } from '../../domain/model/expiry.ts';
import type { HistoryEntry } from '../../domain/model/history.ts';
import { timestamp } from '../../domain/operation-context.ts';
import type { ProjectDeletion } from '../../domain/projects/deletion.ts';
import type { StatusReason } from '../../domain/terms.ts';
import type { ConnectionView, HistoryEntryView } from './schemas/connection.ts';
import type { FlowView } from './schemas/flow.ts';
import type { ProjectDeletionView } from './schemas/project.ts';
import type { ProviderView } from './schemas/provider.ts';

/** Context of views, besides their data. */
export interface ViewContext {
  /** The API's own address, without a trailing slash. */
  readonly apiUrl: string;
  readonly now: Date;
}

const REASON_MESSAGES: Readonly<Record<StatusReason, string>> = {
  credentials_expired: 'The credentials ran out. Reconnect with new ones.',
  access_revoked: 'The service no longer accepts the credentials. Reconnect with new ones.',
  access_changed:
    'The service accepts the credentials but no longer allows this: a scope, plan or policy changed.',
};

/** Returns a status reason with its message. */
export function toReasonView(code: StatusReason) {
  return { code, message: REASON_MESSAGES[code] };
}

/**
 * Returns a connection as the API shows it: the named fields, whatever else is stored. The last check is stored apart from the connection and only read for a
 * single one: lists show the last check that found something new, was made on demand, or came with new credentials
 * (docs/decisions/0010).
 */
export function toConnectionView(
  connection: Connection,
  { apiUrl, now }: ViewContext,
  { catalog }: { readonly catalog: Pick<Catalog, 'summary'> },
  lastCheck?: LastCheck,
): ConnectionView {
  const { providerId, statusReason } = connection;
  // An operator may remove a provider from the catalog. Its id then stands for its name, and nothing checks it.
  const provider = catalog.summary(providerId);
  const after = laterOf(now, lastCheck?.scheduledFor);
  return {
    id: connection.id,
    projectId: connection.projectId,
    provider: {
      id: providerId,
      name: provider?.name ?? providerId,
      iconUrl: iconUrl(providerId, apiUrl),
    },
    name: connection.name,
    authType: provider?.authType ?? 'custom',
    status: connection.status,
    statusReason: statusReason && toReasonView(statusReason),
    statusSince: connection.statusSince,
    account: connection.account,
    flowCount: connection.flowCount,
    connectedAt: connection.connectedAt,
    reconnectedAt: connection.reconnectedAt,
    lastCheckedAt: latest(connection.lastCheckedAt, lastCheck?.respondedAt ?? null),
    nextCheckAt: provider ? timestamp(nextCheckAt(connection.id, provider.cadence, after)) : null,
    ...(lastCheck && { lastCheck: newestCheck(connection, lastCheck) }),
    expiresAt: connection.expiresAt,
    expiresSoon: expiresSoon(connection, now),
    createdBy: connection.createdBy,
    updatedAt: connection.updatedAt,
    version: connection.version,
  };
}

/** Returns the later one of the last check and the verification of the current credentials, which is a check as well. */
function newestCheck({ status, lastCheckedAt }: Connection, { outcome, at }: LastCheck) {
  if (lastCheckedAt === null || lastCheckedAt <= at) return { outcome, at };
  return { outcome: status === 'active' ? 'ok' : 'rejected', at: lastCheckedAt } as const;
}

function latest(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b;
}

function laterOf(now: Date, scheduledFor: string | undefined): Date {
  return scheduledFor === undefined ? now : new Date(Math.max(now.getTime(), Date.parse(scheduledFor)));
}

/** Returns a provider as the API shows it: available unless the platform lacks its OAuth client. */
export async function toProviderView(
  { client, ...provider }: PublicProvider,
  { apiUrl }: Pick<ViewContext, 'apiUrl'>,
  { oauthClients }: { readonly oauthClients: OAuthClientIndex },
): Promise<ProviderView> {
  const available = client === undefined || (await oauthClients.isConfigured(client));
  return { ...provider, available, iconUrl: iconUrl(provider.id, apiUrl) };
}

/** Returns a flow as the API shows it. */
export function toFlowView({ id, name, blocked, integrations }: FlowWithStatuses): FlowView {
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

/** Returns the deletion of a project as the API shows it. */
export function toDeletionView(deletion: Omit<ProjectDeletion, 'revision'>): ProjectDeletionView {
  const { projectId, status, requestedAt, restorableUntil, processed } = deletion;
  return { projectId, status, requestedAt, restorableUntil, processed };
}

/** Returns a history entry as the API shows it. */
export function toHistoryEntryView(entry: HistoryEntry): HistoryEntryView {
  const { id, at, type, actor, from, to, reason } = entry;
  return { id, at, type, actor, ...(from && { from }), ...(to && { to }), ...(reason && { reason }) };
}

function iconUrl(providerId: string, apiUrl: string): string {
  return `${apiUrl}/v1/providers/${providerId}/icon.svg`;
}
