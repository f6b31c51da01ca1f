import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { StagingLabels } from './labels.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    kmsKeyId TEXT,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL DEFAULT '{}',
    createdAt INTEGER NOT NULL,
    deletedAt INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS secretsByDeletion ON secrets (deletedAt) WHERE deletedAt IS NOT NULL;
  CREATE TABLE IF NOT EXISTS versions (
    secret INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
    versionId TEXT NOT NULL,
    value TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    PRIMARY KEY (secret, versionId)
  ) STRICT;
`;

const json = z.pipe(
  z.string(),
  z.transform((text): unknown => JSON.parse(text)),
);

const secretRow = z.object({
  /** Increases with age, so that it orders secrets by creation. */
  id: z.number(),
  arn: z.string(),
  name: z.string(),
  kmsKeyId: z.nullable(z.string()),
  tags: z.pipe(json, z.array(z.object({ Key: z.string(), Value: z.string() }))),
  labels: z.pipe(json, z.record(z.string(), z.string())),
  createdAt: z.number(),
  /** The end of the recovery window of a scheduled deletion; null where none is scheduled. */
  deletedAt: z.nullable(z.number()),
});
const versionRow = z.object({ versionId: z.string(), value: z.string(), createdAt: z.number() });
const versionSummary = z.omit(versionRow, { value: true });

/** A secret without its values. Times are milliseconds since 1970. */
export type Secret = z.infer<typeof secretRow>;
type NewSecret = Pick<Secret, 'arn' | 'name' | 'kmsKeyId' | 'tags' | 'createdAt'>;
type Version = z.infer<typeof versionRow>;
export type Storage = ReturnType<typeof openStorage>;

/**
 * Opens, or makes, the file that holds every secret, readable by its owner alone; without one, they live in memory. With
 * write-ahead logging, an acknowledged write outlives a kill of the process, and an interrupted one leaves nothing.
 */
export function openStorage(dataFile: string | undefined) {
  if (dataFile !== undefined) {
    mkdirSync(dirname(dataFile), { recursive: true });
    closeSync(openSync(dataFile, 'a', 0o600));
  }
  const database = new DatabaseSync(dataFile ?? ':memory:', { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  database.exec(SCHEMA);
  return {
    ...secretStatements(database),
    ...versionStatements(database),
    /** Runs `work` as one transaction, rolled back where it throws. */
    transaction<T>(work: () => T): T {
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

/** A character that sorts after all those of names. */
const AFTER_NAMES = '\x7f';

function secretStatements(database: DatabaseSync) {
  const find = database.prepare('SELECT * FROM secrets WHERE name = ? OR arn = ?');
  const add = database.prepare(
    'INSERT INTO secrets (arn, name, kmsKeyId, tags, createdAt) VALUES (?, ?, ?, ?, ?) RETURNING *',
  );
  const after = database.prepare('SELECT * FROM secrets WHERE name >= ? AND name < ? AND id > ? ORDER BY id');
  const setLabels = database.prepare('UPDATE secrets SET labels = ? WHERE id = ?');
  const setDeletion = database.prepare('UPDATE secrets SET deletedAt = ? WHERE id = ?');
  const removeDeleted = database.prepare('DELETE FROM secrets WHERE deletedAt <= ?');
  return {
    findSecret: (nameOrArn: string) => z.optional(secretRow).parse(find.get(nameOrArn, nameOrArn)),
    addSecret: ({ arn, name, kmsKeyId, tags, createdAt }: NewSecret): Secret =>
      secretRow.parse(add.get(arn, name, kmsKeyId, JSON.stringify(tags), createdAt)),
    /** Reads the secrets whose names begin so, in order of creation, from the one after `id`, one at a time. */
    *secretsAfter(id: number, prefix: string): Generator<Secret> {
      for (const row of after.iterate(prefix, prefix + AFTER_NAMES, id)) yield secretRow.parse(row);
    },
    setLabels: (secret: Secret, labels: StagingLabels) =>
      void setLabels.run(JSON.stringify(labels), secret.id),
    /** Schedules the deletion of a secret, or cancels it with null. */
    setDeletion: (secret: Secret, deletedAt: number | null) => void setDeletion.run(deletedAt, secret.id),
    /** Removes the secrets whose recovery window is over. */
    removeDeleted: (now: number) => void removeDeleted.run(now),
  };
}

function versionStatements(database: DatabaseSync) {
  const list = database.prepare('SELECT versionId, createdAt FROM versions WHERE secret = ?');
  const find = database.prepare('SELECT * FROM versions WHERE secret = ? AND versionId = ?');
  const add = database.prepare(
    'INSERT INTO versions (secret, versionId, value, createdAt) VALUES (?, ?, ?, ?)',
  );
  const remove = database.prepare('DELETE FROM versions WHERE secret = ? AND versionId = ?');
  return {
    versionsOf: ({ id }: Secret) => z.array(versionSummary).parse(list.all(id)),
    findVersion: ({ id }: Secret, versionId: string) => z.optional(versionRow).parse(find.get(id, versionId)),
    addVersion: ({ id }: Secret, { versionId, value, createdAt }: Version) =>
      void add.run(id, versionId, value, createdAt),
    removeVersion: ({ id }: Secret, versionId: string) => void remove.run(id, versionId),
  };
}
