import { renameSync, rmSync, writeFileSync } from 'node:fs';
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

/** Writes the session for its owner alone; whoever waits for the file finds it whole. */
export function writeSession(dataDir: string, session: Session): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Removes the session of a run that is over. */
export function removeSession(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}
