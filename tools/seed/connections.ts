import { v7 } from 'uuid';
import type { ProviderSummary } from '../../shared/catalog/schema.ts';
import type {
  Account,
  Connection,
  StatusWithReason,
  StoredConnection,
} from '../../shared/domain/model/connection.ts';
import { reminderAfter } from '../../shared/domain/model/expiry.ts';
import { addSeconds, DAY_SECONDS, timestamp } from '../../shared/domain/operation-context.ts';
import { STATUS_REASONS } from '../../shared/domain/terms.ts';
import { seededName } from './names.ts';
import { exactShare, type Random } from './random.ts';

/** A provider of seeded connections. */
export type SeededProvider = Pick<ProviderSummary, 'name' | 'cadence'> & { readonly id: string };

export interface SeedRequest {
  readonly projectId: string;
  readonly connections: number;
  /** The inactive share of the connections, 0 to 1. */
  readonly inactive: number;
  /** The share of the active ones whose credentials end within 14 days, 0 to 1. */
  readonly expiring: number;
  /** The time of the seeded state; earlier times are computed back from it. */
  readonly at: Date;
}

const HISTORY_DAYS = 730;
const USERS = ['ada', 'noor', 'tomas', 'yuki', 'u_01935'] as const;
const DEPARTMENTS = ['bookings', 'sales', 'support', 'finance', 'ops', 'hr', 'it', 'marketing'] as const;

/** Makes the connections of a project, oldest first, so that their ids ascend; no flow uses them yet. */
export function* seededConnections(
  request: SeedRequest,
  providers: readonly [SeededProvider, ...SeededProvider[]],
  random: Random,
): Generator<StoredConnection> {
  const inactive = Math.round(request.connections * request.inactive);
  const active = request.connections - inactive;
  const isInactive = exactShare(inactive, request.connections, random);
  const isExpiring = exactShare(Math.round(active * request.expiring), active, random);
  const spacing = (HISTORY_DAYS * DAY_SECONDS) / request.connections;
  for (let index = 0; index < request.connections; index += 1) {
    const age = (request.connections - index - random.fraction() * 0.9) * spacing;
    const connectedAt = addSeconds(request.at, -age);
    const credentialsVersion = v7({ msecs: connectedAt.getTime(), random: random.bytes(16) });
    const status = isInactive() ? 'inactive' : isExpiring() ? 'expiring' : 'active';
    // The square makes the first providers far more frequent than the last, as in practice.
    const provider = providers[Math.floor(random.fraction() ** 2 * providers.length)] ?? providers[0];
    const connection = seededConnection({ request, provider, connectedAt, status, age }, random);
    const reminder = reminderAfter(request.at, connection.expiresAt);
    const { cadence } = provider;
    yield {
      connection,
      revision: 1,
      credentialsVersion,
      credentialStore: 'secret-per-connection',
      promotionPending: false,
      lease: null,
      interruptedRefresh: null,
      accessToken: null,
      cadence,
      reminder,
    };
  }
}

interface NewConnection {
  readonly request: SeedRequest;
  readonly provider: SeededProvider;
  readonly connectedAt: Date;
  readonly status: 'active' | 'inactive' | 'expiring';
  /** In seconds. */
  readonly age: number;
}

function seededConnection(
  { request: { projectId, at }, provider, connectedAt, status, age }: NewConnection,
  random: Random,
): Connection {
  const since = timestamp(addSeconds(connectedAt, age * random.fraction()));
  const reconnectedAt = random.fraction() < 0.2 ? timestamp(addSeconds(connectedAt, age * 0.5)) : null;
  const changed = status === 'inactive' || random.fraction() < 0.1;
  return {
    id: `con_${v7({ msecs: connectedAt.getTime(), random: random.bytes(16) })}`,
    projectId,
    providerId: provider.id,
    name: seededName(provider.name, random),
    ...statusOf(status, random),
    statusSince: changed ? since : timestamp(connectedAt),
    account: seededAccount(random),
    flowCount: 0,
    connectedAt: timestamp(connectedAt),
    reconnectedAt,
    lastCheckedAt: timestamp(addSeconds(at, -3600 * random.fraction())),
    expiresAt: expiryOf(status, at, random),
    createdBy: random.pick(USERS),
    updatedAt: changed ? since : (reconnectedAt ?? timestamp(connectedAt)),
    version: 1 + random.below(9),
  };
}

function statusOf(status: NewConnection['status'], random: Random): StatusWithReason {
  if (status !== 'inactive') return { status: 'active', statusReason: null };
  return { status, statusReason: random.pick(STATUS_REASONS) };
}

/** Picks when credentials expire: most never do, those of status `expiring` within 1 to 14 days. */
function expiryOf(status: NewConnection['status'], at: Date, random: Random): string | null {
  if (status === 'expiring') return timestamp(addSeconds(at, (1 + 12.9 * random.fraction()) * DAY_SECONDS));
  if (status === 'inactive' || random.fraction() > 0.2) return null;
  return timestamp(addSeconds(at, (30 + 300 * random.fraction()) * DAY_SECONDS));
}

function seededAccount(random: Random): Account | null {
  if (random.fraction() < 0.1) return null;
  const department = random.pick(DEPARTMENTS);
  const id = String(100_000 + random.below(900_000));
  return { id, label: `${department}${random.below(40)}@example.com` };
}
