import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { secretRows } from './secret-rows.ts';
import { versionRows } from './version-rows.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    kms_key_id TEXT,
    tags TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    accessed_at INTEGER,
    deletion_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS secrets_by_deletion ON secrets (deletion_at) WHERE deletion_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS versions (
    secret_id INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
    version_id TEXT NOT NULL,
    secret_string TEXT,
    secret_binary TEXT,
    created_at INTEGER NOT NULL,
    accessed_at INTEGER,
    PRIMARY KEY (secret_id, version_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS stages (
    secret_id INTEGER NOT NULL,
    stage TEXT NOT NULL,
    version_id TEXT NOT NULL,
    PRIMARY KEY (secret_id, stage),
    FOREIGN KEY (secret_id, version_id) REFERENCES versions (secret_id, version_id) ON DELETE CASCADE
  ) STRICT;
`;

export type Storage = ReturnType<typeof openStorage>;

/**
 * Opens (or makes) the file that holds every secret, readable by its owner only. Times are milliseconds since 1970.
 * Write-ahead logging: a call that was answered outlives a kill of the process, one that was not leaves no trace.
 */
export function openStorage(dataFile: string) {
  mkdirSync(dirname(dataFile), { recursive: true });
  closeSync(openSync(dataFile, 'a', 0o600));
  const database = new DatabaseSync(dataFile, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  database.exec(SCHEMA);
  return {
    secrets: secretRows(database),
    versions: versionRows(database),
    /** Runs `work` as one transaction: everything it wrote, or, when it throws, nothing. */
    atomically<T>(work: () => T): T {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
