import { v7 } from 'uuid';
import type { Provider } from '../../shared/catalog/schema.ts';
import type { Account, Connection, Status } from '../../shared/domain/connections/connection.ts';
import { reminderAfter } from '../../shared/domain/connections/expiry.ts';
import type { StoredConnection } from '../../shared/domain/connections/stored.ts';
import { after, DAY_SECONDS, timestamp } from '../../shared/domain/time.ts';
import { seededName } from './names.ts';
import { exactShare, type Random } from './random.ts';

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
const REASONS = ['credentials_expired', 'access_revoked', 'access_changed'] as const;

/** Makes the connections of a project, oldest first, so that their ids ascend; no flow uses them yet. */
export function* seededConnections(
  request: SeedRequest,
  providers: readonly [Provider, ...Provider[]],
  random: Random,
): Generator<StoredConnection> {
  const inactive = Math.round(request.connections * request.inactive);
  const active = request.connections - inactive;
  const isInactive = exactShare(inactive, request.connections, random);
  const isExpiring = exactShare(Math.round(active * request.expiring), active, random);
  const spacing = (HISTORY_DAYS * DAY_SECONDS) / request.connections;
  for (let index = 0; index < request.connections; index += 1) {
    const age = (request.connections - index - random.fraction() * 0.9) * spacing;
    const connectedAt = after(request.at, -age);
    const secretVersion = v7({ msecs: connectedAt.getTime(), random: random.bytes(16) });
    const status = isInactive() ? 'inactive' : isExpiring() ? 'expiring' : 'active';
    // The square makes the first providers far more frequent than the last, as in practice.
    const provider = providers[Math.floor(random.fraction() ** 2 * providers.length)] ?? providers[0];
    const connection = seededConnection({ request, provider, connectedAt, status, age }, random);
    const reminder = reminderAfter(request.at, connection.expiresAt);
    const { cadence } = provider;
    yield { connection, revision: 1, secretVersion, lease: null, cadence, reminder };
  }
}

interface NewConnection {
  readonly request: SeedRequest;
  readonly provider: Provider;
  readonly connectedAt: Date;
  readonly status: 'active' | 'inactive' | 'expiring';
  /** In seconds. */
  readonly age: number;
}

function seededConnection(
  { request: { projectId, at }, provider, connectedAt, status, age }: NewConnection,
  random: Random,
): Connection {
  const since = timestamp(after(connectedAt, age * random.fraction()));
  const reconnectedAt = random.fraction() < 0.2 ? timestamp(after(connectedAt, age * 0.5)) : null;
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
    lastCheckedAt: timestamp(after(at, -3600 * random.fraction())),
    expiresAt: expiryOf(status, at, random),
    createdBy: random.pick(USERS),
    updatedAt: changed ? since : (reconnectedAt ?? timestamp(connectedAt)),
    version: 1 + random.below(9),
  };
}

function statusOf(status: NewConnection['status'], random: Random): Status {
  if (status !== 'inactive') return { status: 'active', statusReason: null };
  return { status, statusReason: random.pick(REASONS) };
}

/** Picks when credentials expire: most never do, those of status `expiring` within 1 to 14 days. */
function expiryOf(status: NewConnection['status'], at: Date, random: Random): string | null {
  if (status === 'expiring') return timestamp(after(at, (1 + 12.9 * random.fraction()) * DAY_SECONDS));
  if (status === 'inactive' || random.fraction() > 0.2) return null;
  return timestamp(after(at, (30 + 300 * random.fraction()) * DAY_SECONDS));
}

function seededAccount(random: Random): Account | null {
  if (random.fraction() < 0.1) return null;
  const department = random.pick(DEPARTMENTS);
  const id = String(100_000 + random.below(900_000));
  return { id, label: `${department}${random.below(40)}@example.com` };
}
