import { createWriteStream, renameSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Connection, ConnectionReader } from '../../shared/domain/model/connection.ts';
import { type ExportPorts, exportConnection } from '../../shared/domain/moving/export-connection.ts';
import type { DeletionReader } from '../../shared/domain/projects/deletion.ts';
import { toLine } from './form.ts';
import { requireKept } from './open.ts';
import type { Seal } from './seal.ts';

/** Connections of one page, which are read at the same time. */
const PAGE = 20;

export interface ExportRun {
  readonly file: string;
  readonly projectId: string;
  readonly seal: Seal;
  readonly onProgress: (exported: number) => void;
}

export interface ExportReport {
  readonly exported: number;
  /** Connections whose credentials cannot be read. */
  readonly failures: readonly { readonly connectionId: string; readonly message: string }[];
}

/**
 * Writes a project's connections to a file, oldest first, with their credentials sealed. The file has its name once it is
 * complete, and can be read by its owner alone.
 *
 * @throws Error if the project is deleted meanwhile: nobody finds its connections from then on.
 */
export async function exportFile(
  run: ExportRun,
  ports: ExportPorts & {
    readonly connections: Pick<ConnectionReader, 'list'>;
    readonly deletions: DeletionReader;
  },
): Promise<ExportReport> {
  const partial = `${run.file}.partial`;
  const failures: { connectionId: string; message: string }[] = [];
  let exported = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const page of pagesOf(run.projectId, ports.connections)) {
      const read = page.map((connection) => exportLine(connection, run.seal, ports));
      for (const line of await Promise.all(read)) {
        if (typeof line === 'string') {
          exported += 1;
          yield line;
        } else if (line) failures.push(line);
      }
      run.onProgress(exported);
    }
  }
  await pipeline(lines, createWriteStream(partial, { mode: 0o600 }));
  await requireKept(run.projectId, ports);
  renameSync(partial, run.file);
  return { exported, failures };
}

/** Returns the line of a connection; undefined for one that was disconnected meanwhile. */
async function exportLine({ projectId, id }: Connection, seal: Seal, ports: ExportPorts) {
  try {
    const found = await exportConnection({ projectId, connectionId: id }, ports);
    return found && `${JSON.stringify({ ...toLine(found), sealed: await seal(found) })}\n`;
  } catch (error) {
    return { connectionId: id, message: error instanceof Error ? error.message : 'unknown error' };
  }
}

async function* pagesOf(
  projectId: string,
  { list }: Pick<ConnectionReader, 'list'>,
): AsyncGenerator<readonly Connection[]> {
  let after: string | null = null;
  do {
    const page = await list({ projectId, sort: 'connectedAt', order: 'asc', limit: PAGE, after });
    yield page.items;
    after = page.next;
  } while (after !== null);
}
