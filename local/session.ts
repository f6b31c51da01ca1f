import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The addresses and credentials of a running local mode; written when it is ready. */
export interface Session {
  readonly apiUrl: string;
  readonly consoleUrl: string;
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
const RESPONSE_MS = 3_000;

/** Writes the session for its owner alone; a reader finds the whole file or none. */
export function writeSession(dataDir: string, session: Session): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Returns the address of the local mode that uses this data; undefined where none does, or it was killed. */
export async function runningAt(dataDir: string): Promise<string | undefined> {
  try {
    const { apiUrl, pid }: Session = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8'));
    process.kill(pid, 0);
    await fetch(`${apiUrl}/local/events`, { signal: AbortSignal.timeout(RESPONSE_MS) });
    return apiUrl;
  } catch {
    return undefined;
  }
}

/** Removes the session of a run that has ended. */
export function removeSession(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}
