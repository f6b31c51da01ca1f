import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How to reach a running local mode, and as whom; written when it is ready. */
export interface Session {
  readonly apiUrl: string;
  readonly consoleUrl: string | null;
  readonly projectId: string;
  readonly tokens: { readonly administrator: string; readonly member: string; readonly outsider: string };
  readonly runtime: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region: string;
    readonly service: 'execute-api';
  };
  readonly sandboxUrl: string;
  readonly dynamodbUrl: string;
  readonly tableName: string;
  readonly secretsManagerUrl: string;
  readonly pid: number;
}

const FILE = 'session.json';
const ANSWER_MS = 3_000;

/** Writes the session for its owner alone; whoever waits for the file finds it whole. */
export function writeSession(dataDir: string, session: Session): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Where a local mode runs on this data already; undefined where none does, or one ended without clearing up. */
export async function runningAt(dataDir: string): Promise<string | undefined> {
  try {
    const { apiUrl, pid }: Session = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8'));
    process.kill(pid, 0);
    await fetch(`${apiUrl}/local/events`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return apiUrl;
  } catch {
    return undefined;
  }
}

/** Removes the session of a run that is over. */
export function removeSession(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}
