import { failure } from '../errors.ts';
import type { ConnectionReader } from './reader.ts';
import type { StoredConnection } from './stored.ts';

/** Which connection of which project. */
export interface ConnectionRef {
  readonly projectId: string;
  readonly connectionId: string;
}

/** The versions that `If-Match` names, any of which will do; null where it was not given. */
export type ExpectedVersions = readonly number[] | null;

/**
 * The connection, read strongly.
 *
 * @throws DomainError `connection_not_found`, also for a connection of another project; `version_conflict`.
 */
export async function loadConnection(
  { projectId, connectionId }: ConnectionRef,
  ports: Pick<ConnectionReader, 'findConnection'>,
  expected: ExpectedVersions = null,
): Promise<StoredConnection> {
  const stored = await ports.findConnection(projectId, connectionId);
  if (!stored) throw connectionNotFound();
  requireVersion(stored, expected);
  return stored;
}

/** @throws DomainError `version_conflict` when the caller knows another version. */
export function requireVersion({ connection }: StoredConnection, expected: ExpectedVersions): void {
  if (expected && !expected.includes(connection.version)) {
    throw failure('version_conflict', `The connection is at version ${connection.version} by now.`);
  }
}

/** The error of a connection that the project does not have. */
export function connectionNotFound() {
  return failure('connection_not_found', 'The project has no such connection.');
}
