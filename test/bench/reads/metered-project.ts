import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import type { RoleReader } from '../../../shared/domain/access/roles.ts';
import type { ConnectionReader } from '../../../shared/domain/model/connection.ts';
import { type Meter, startMeter } from '../meter.ts';
import type { BenchProject } from './projects.ts';

/** A project's readers, with a meter of their reads. */
export interface MeteredProject {
  readonly project: BenchProject;
  readonly connections: ConnectionReader;
  readonly roles: RoleReader;
  readonly table: Table;
  readonly meter: Meter;
}

/** Opens a project's table behind a meter, and closes it after `use`. */
export async function withProject<T>(
  project: BenchProject,
  use: (metered: MeteredProject) => Promise<T>,
): Promise<T> {
  const { table: dataFile } = dataFiles(project.dataDir, 'sandbox');
  const engine = await startEngine({ dataFile });
  const meter = await startMeter(engine.url);
  process.env.AWS_ENDPOINT_URL_DYNAMODB = meter.url;
  const table = openTable(tableNameOf('sandbox'));
  try {
    return await use({
      project,
      table,
      meter,
      connections: connectionReader(table),
      roles: roleReader(table),
    });
  } finally {
    table.client.destroy();
    await meter.close();
    await engine.close();
  }
}
