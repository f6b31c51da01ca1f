import {
  type ImportedConnection,
  type ImportResult,
  importConnection,
} from '../../shared/domain/moving/import-connection.ts';
import { PROJECT } from './deployment.ts';
import { PROVIDER } from './operations.ts';
import type { Ports } from './process.ts';
import { credentialsNamed } from './simulated-providers.ts';
import type { StoredState } from './stored-state.ts';

/** The time at which imported connections were connected. */
export const CONNECTED_AT = '2021-03-04T05:06:07.008Z';

/** A connection of another platform that two steps of one flow and one of another use. It has the name of its user. */
export function importedOf(user: string, changes: Partial<ImportedConnection> = {}): ImportedConnection {
  return {
    ...{
      projectId: PROJECT,
      platformId: `platform-${user}`,
      providerId: PROVIDER,
      name: user,
      account: null,
    },
    status: { status: 'active', statusReason: null },
    statusSince: undefined,
    ...{ connectedAt: CONNECTED_AT, reconnectedAt: null, lastCheckedAt: null, expiresAt: undefined },
    createdBy: 'grace',
    flows: [
      { id: 'first', name: 'First', steps: ['one', 'two'] },
      { id: 'second', name: 'Second', steps: ['three'] },
    ],
    credentials: credentialsNamed(PROVIDER, user),
    ...{ accessTokenExpiresAt: undefined, clientId: undefined },
    ...changes,
  };
}

/** Imports a connection without waiting. */
export function importWith(
  ports: Ports,
  imported: ImportedConnection,
  isVerified = true,
): Promise<ImportResult> {
  const waits = { pace: () => Promise.resolve(), wait: () => Promise.resolve() };
  return importConnection(imported, isVerified, { ...ports, ...waits });
}

/** Compares what is stored with the one connection that was imported, and returns what is wrong. */
export function importDifferences(
  imported: ImportedConnection,
  { connections, steps }: StoredState,
): string[] {
  const [connection, ...others] = connections;
  const { summary } = connection?.item ?? {};
  const expected = imported.flows.flatMap(({ id, steps: ids }) => ids.map((stepId) => `${id}/${stepId}`));
  const linked = steps.map(({ flow, stepId }) => `${flow.split('/')[1]}/${stepId}`);
  return [
    ...(others.length > 0 || !connection ? [`${connections.length} connections`] : []),
    ...(summary?.connectedAt === imported.connectedAt ? [] : [`connected at ${summary?.connectedAt}`]),
    ...(summary?.createdBy === imported.createdBy ? [] : [`created by ${summary?.createdBy}`]),
    ...(summary?.status === 'active' ? [] : [`is ${summary?.status}`]),
    ...(linked.sort().join() === expected.sort().join() ? [] : [`linked ${linked}`]),
  ];
}
