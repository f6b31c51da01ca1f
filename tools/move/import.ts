import { createReadStream } from 'node:fs';
import { DomainError } from '../../shared/domain/errors.ts';
import {
  type ImportPorts,
  type ImportResult,
  importConnection,
} from '../../shared/domain/moving/import-connection.ts';
import { type ConnectionLine, parseLine, toImported } from './form.ts';
import { type Line, MAX_LINE_BYTES, readLines } from './lines.ts';
import { type Outcome, type ReportLine, refusalOf } from './report.ts';
import type { Unseal } from './seal.ts';

/** Lines that are imported at the same time; a slow provider holds up as many at most. */
const CONCURRENCY = 16;
/** Attempts at a line while other changes come first. */
const BUSY_ATTEMPTS = 5;

export interface ImportRun {
  readonly file: string;
  readonly projectId: string;
  readonly isVerified: boolean;
  readonly unseal: Unseal;
  readonly write: (line: ReportLine) => void;
  readonly onProgress: (counts: Readonly<Record<Outcome, number>>) => void;
}

/** Imports the lines of a file as it is read, and reports each. Returns the number of lines by outcome. */
export async function importFile(
  run: ImportRun,
  ports: ImportPorts,
): Promise<Readonly<Record<Outcome, number>>> {
  const counts = { imported: 0, known: 0, disconnected: 0, refused: 0, failed: 0 };
  const lines = readLines(createReadStream(run.file));
  const ids = new Set<string>();
  const worker = async () => {
    for (;;) {
      const { done, value: line } = await lines.next();
      if (done) return;
      const result = await importLine(line, ids, run, ports);
      counts[result.outcome] += 1;
      run.write(result);
      run.onProgress(counts);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return counts;
}

/** @param ids the platform's ids of the lines before: a file has each once. */
async function importLine(
  line: Line,
  ids: Set<string>,
  run: ImportRun,
  ports: ImportPorts,
): Promise<ReportLine> {
  const { number } = line;
  if ('issue' in line)
    return { line: number, outcome: 'refused', code: line.issue, message: ISSUES[line.issue] };
  let parsed: ConnectionLine;
  try {
    parsed = parseLine(line.text);
  } catch (error) {
    return { line: number, ...refusalOf(error, undefined) };
  }
  const { id } = parsed;
  if (ids.has(id)) return { line: number, id, outcome: 'refused', code: 'duplicate_id', message: DUPLICATE };
  ids.add(id);
  try {
    const imported = toImported(run.projectId, parsed, await run.unseal(parsed));
    return {
      line: number,
      id,
      ...(await untilNotBusy(() => importConnection(imported, run.isVerified, ports), ports)),
    };
  } catch (error) {
    return { line: number, id, ...refusalOf(error, ports.catalog.get(parsed.provider)) };
  }
}

const DUPLICATE = 'An earlier line of the file has the same id.';
const ISSUES = {
  line_too_long: `The line is longer than ${MAX_LINE_BYTES} bytes.`,
  not_utf8: 'The line is not UTF-8.',
};

/** Many lines may use the same flow, and its commits come one after the other. */
async function untilNotBusy(
  work: () => Promise<ImportResult>,
  { backoff }: Pick<ImportPorts, 'backoff'>,
): Promise<ImportResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isBusy = error instanceof DomainError && error.code === 'busy';
      if (!isBusy || attempt === BUSY_ATTEMPTS) throw error;
      await backoff(attempt);
    }
  }
}
