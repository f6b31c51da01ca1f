import { setTimeout } from 'node:timers/promises';
import {
  credentialsRead,
  credentialsWrite,
  oauthCall,
  oauthClients,
  providersCall,
  tableRead,
  tableWrite,
  tokensSeal,
} from '../../functions/wiring/ports.ts';
import { dataFiles, tableNameOf } from '../../local/data-folder.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { importReader } from '../../shared/adapters/aws/table/imports.ts';
import { openCatalog } from '../../shared/adapters/catalog/files.ts';
import { catalogWith } from '../../shared/catalog/index.ts';
import type { CallBudget } from '../../shared/domain/checks/token-bucket.ts';
import type { ConnectionReader } from '../../shared/domain/model/connection.ts';
import type { ExportPorts } from '../../shared/domain/moving/export-connection.ts';
import type { ImportPorts } from '../../shared/domain/moving/import-connection.ts';
import type { DeletionReader } from '../../shared/domain/projects/deletion.ts';
import type { CredentialStoreName } from '../../shared/domain/terms.ts';
import { createBaseContext } from '../../shared/runtime/operation-context.ts';
import { localDataDir, stageEnvironment } from '../stage/environment.ts';

/** The stage that connections are moved into or out of. */
export interface StageOptions {
  /** File with the environment of a function that verifies credentials; undefined for the running local mode. */
  readonly environment: string | undefined;
  /** Folder of the operator's own providers, beside those of the project; undefined for none. */
  readonly providersFolder: string | undefined;
  /** The store of new connections; undefined for the stage's. */
  readonly store: CredentialStoreName | undefined;
}

/** The ports of both directions. */
export type MovePorts = Omit<ImportPorts, 'pace'> &
  ExportPorts & {
    readonly connections: Pick<ConnectionReader, 'list'>;
    readonly deletions: DeletionReader;
  };

/**
 * Opens a stage by the ports of its functions.
 *
 * @throws Error for an environment that cannot be read, and where no local mode runs.
 */
export function openStage({ environment, providersFolder, store }: StageOptions): MovePorts {
  const settings = stageEnvironment(environment);
  Object.assign(process.env, settings, {
    ...(store && { CREDENTIALS_STORE: store }),
    // Metrics belong to functions; here they would be lines between those of the command.
    AWS_LAMBDA_LOG_LEVEL: 'FATAL',
  });
  const { callBudget, ...written } = tableWrite();
  return {
    ...createBaseContext(),
    correlationId: 'move',
    ...written,
    ...tableRead(),
    lastChecks: written.lastChecks,
    callBudget: oneByOne(callBudget),
    credentials: { ...credentialsRead().credentials, ...credentialsWrite().credentials },
    ...providersCall(),
    ...oauthClients(),
    ...oauthCall(),
    ...tokensSeal(),
    catalog: openCatalogOf(settings.TABLE_NAME, environment, providersFolder),
    imports: importReader(openTable(settings.TABLE_NAME)),
    wait: (seconds) => setTimeout(seconds * 1000),
  };
}

/** @throws Error for a project whose deletion is under way: none of its connections can be found. */
export async function requireKept(
  projectId: string,
  { deletions }: { readonly deletions: DeletionReader },
): Promise<void> {
  if (!(await deletions.find(projectId))) return;
  throw new Error(`The project ${projectId} is being deleted; restore it first.`);
}

/** Local mode compiles its catalog, with the operator's own providers, into its data folder. */
function openCatalogOf(tableName: string, environment: string | undefined, folder: string | undefined) {
  if (environment !== undefined || folder !== undefined)
    return catalogWith(folder === undefined ? [] : [folder]);
  const mode = tableName === tableNameOf('real') ? 'real' : 'sandbox';
  return openCatalog(dataFiles(localDataDir(), mode).catalog);
}

/** Takes tokens one by one: the lines of this process do not contend for an item of the table. */
function oneByOne(budget: CallBudget): CallBudget {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...budget,
    takeTokens(...request) {
      const next = last.then(() => budget.takeTokens(...request));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
