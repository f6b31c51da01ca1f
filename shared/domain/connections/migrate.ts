import { isDeepStrictEqual } from 'node:util';
import {
  type CredentialImporter,
  type CredentialReader,
  type CredentialRestorer,
  versionOf,
} from '../credentials/store.ts';
import type { ConnectionRef, StoredConnection } from '../model/connection.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { CredentialStoreName } from '../terms.ts';
import { type PromotePorts, promoteServing } from './lease.ts';

export type MigratePorts = PromotePorts & {
  readonly credentials: Pick<CredentialReader, 'read' | 'readIfKept'> & CredentialImporter;
};

/**
 * Result of one migration. A connection `waits` while an operation replaces its credentials, or after a refresh whose
 * result is unknown: their holders know the old store, and finish first.
 */
export type Migration = 'moved' | 'kept' | 'waits' | 'disconnected';

/**
 * Moves a connection's credentials to a store: copy the version that serves, read it back, commit the pointer. Before the
 * commit the old store serves, after it the new one. The stream worker then retires the old copy, which can be brought back
 * for 7 days. The version keeps its id, so that access tokens stay valid. May be interrupted and repeated anywhere: a copy
 * without a commit is replaced by the next migration, and removed by a disconnect.
 *
 * @throws Error when the credentials cannot be read, or the copy differs.
 */
export function migrateCredentials(
  ref: ConnectionRef,
  to: CredentialStoreName,
  ports: MigratePorts,
): Promise<Migration> {
  return untilCommitted<Migration>(async () => {
    const before = await ports.connections.find(ref);
    if (!before) return 'disconnected';
    if (before.credentialStore === to) return 'kept';
    if (before.lease || before.interruptedRefresh !== null) return 'waits';
    if (before.promotionPending) {
      await promoteServing(ref, ports);
      return STALE;
    }
    const copied = await copyCredentials(before, to, ports);
    if (copied === STALE) return STALE;
    const after = { ...before, credentialStore: to, promotionPending: true };
    if ((await ports.unitOfWork.commit({ connections: [{ before, after }] })) === 'stale') return STALE;
    await promoteServing(ref, ports);
    return 'moved';
  }, ports);
}

async function copyCredentials(
  before: StoredConnection,
  to: CredentialStoreName,
  ports: MigratePorts,
): Promise<typeof STALE | undefined> {
  const source = versionOf(before);
  const target = { ...source, store: to };
  const credentials = await ports.credentials.readIfKept(source);
  if (!credentials) {
    const current = await ports.connections.find(source);
    if (current?.revision !== before.revision) return STALE;
    throw new Error(`The credentials of ${source.connectionId} cannot be read.`);
  }
  await ports.credentials.import(target, credentials, before.connection.providerId);
  const copy = await ports.credentials.read(target);
  if (isDeepStrictEqual(copy.reveal(), credentials.reveal())) return undefined;
  throw new Error(`The copied credentials of ${source.connectionId} differ.`);
}

/** A run over many connections. */
interface Run {
  readonly connections: AsyncIterable<ConnectionRef>;
  /** Connections that are handled at the same time. */
  readonly concurrency: number;
  /** Waits until the next connection may be changed: Secrets Manager allows 50 changes a second. */
  readonly pace: () => Promise<void>;
}

/** Connections of a run that stay as they are; a repeated run takes them up. */
export type Failures = readonly { readonly connection: ConnectionRef; readonly error: unknown }[];

/** Handles connections, several at the same time. A failed one delays no other. */
async function forAll<R>(
  { connections, concurrency }: Run,
  operation: (connection: ConnectionRef) => Promise<R>,
  onResult: (result: R, connection: ConnectionRef) => void,
): Promise<Failures> {
  const failures: { connection: ConnectionRef; error: unknown }[] = [];
  const iterator = connections[Symbol.asyncIterator]();
  const worker = async () => {
    for (;;) {
      const { done, value: connection } = await iterator.next();
      if (done) return;
      try {
        onResult(await operation(connection), connection);
      } catch (error) {
        failures.push({ connection, error });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return failures;
}

/** Result of a run of migrations. */
export interface MigrationReport {
  readonly counts: Readonly<Record<Migration, number>>;
  readonly failures: Failures;
}

export interface MigrationRun extends Run {
  readonly to: CredentialStoreName;
  readonly onProgress: (counts: MigrationReport['counts']) => void;
}

/** Moves the credentials of connections to a store. */
export async function migrateAll(run: MigrationRun, ports: MigratePorts): Promise<MigrationReport> {
  const counts = { moved: 0, kept: 0, waits: 0, disconnected: 0 };
  const migrate = async (connection: ConnectionRef) => {
    await run.pace();
    return migrateCredentials(connection, run.to, ports);
  };
  const failures = await forAll(run, migrate, (result) => {
    counts[result] += 1;
    run.onProgress(counts);
  });
  return { counts, failures };
}

export type RestorePorts = Pick<MigratePorts, 'connections'> & {
  readonly credentials: Pick<CredentialReader, 'readIfKept'> & CredentialRestorer;
};

/** Result of bringing back the credentials of a connection: `lost` for ones that no store has any more. */
export type Restoration = 'kept' | 'restored' | 'lost' | 'disconnected';

/**
 * Brings back the credentials of a connection whose table was restored to a time before they were retired.
 *
 * @param pace waits until the next change may be made; credentials that are readable are not changed.
 */
export async function restoreCredentials(
  ref: ConnectionRef,
  pace: Run['pace'],
  ports: RestorePorts,
): Promise<Restoration> {
  const stored = await ports.connections.find(ref);
  if (!stored) return 'disconnected';
  const version = versionOf(stored);
  if (await ports.credentials.readIfKept(version)) return 'kept';
  await pace();
  const isRestored = await ports.credentials.restore(version);
  return isRestored && (await ports.credentials.readIfKept(version)) ? 'restored' : 'lost';
}

export interface RestorationRun extends Run {
  readonly onResult: (result: Restoration, connection: ConnectionRef) => void;
}

/** Brings back the credentials of connections. */
export async function restoreAll(
  run: RestorationRun,
  ports: RestorePorts,
): Promise<{ readonly counts: Readonly<Record<Restoration, number>>; readonly failures: Failures }> {
  const counts = { kept: 0, restored: 0, lost: 0, disconnected: 0 };
  const restore = (connection: ConnectionRef) => restoreCredentials(connection, run.pace, ports);
  const failures = await forAll(run, restore, (result, connection) => {
    counts[result] += 1;
    run.onResult(result, connection);
  });
  return { counts, failures };
}
