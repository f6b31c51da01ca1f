import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Stages } from './versions.ts';

const Row = z.object({
  version_id: z.string(),
  secret_string: z.nullable(z.string()),
  secret_binary: z.nullable(z.string()),
  created_at: z.number(),
  accessed_at: z.nullable(z.number()),
});
const ListedRow = z.omit(Row, { secret_string: true, secret_binary: true });
const StageRow = z.object({ stage: z.string(), version_id: z.string() });

/** Exactly one of the two is set; binary is base64. */
export interface SecretValue {
  readonly secretString: string | null;
  readonly secretBinary: string | null;
}

export interface ListedVersion {
  readonly versionId: string;
  readonly createdAt: number;
  /** Midnight UTC of the day it was last read. */
  readonly accessedAt: number | null;
}

export interface Version extends ListedVersion, SecretValue {}

function toVersion(row: unknown): Version {
  const { secret_string: secretString, secret_binary: secretBinary } = Row.parse(row);
  return { ...toListed(row), secretString, secretBinary };
}

function toListed(row: unknown): ListedVersion {
  const found = ListedRow.parse(row);
  return { versionId: found.version_id, createdAt: found.created_at, accessedAt: found.accessed_at };
}

/** The versions of secrets, their values and their labels. */
export function versionRows(database: DatabaseSync) {
  const list = database.prepare(
    'SELECT version_id, created_at, accessed_at FROM versions WHERE secret_id = ? ORDER BY created_at, rowid',
  );
  const find = database.prepare('SELECT * FROM versions WHERE secret_id = ? AND version_id = ?');
  const add = database.prepare(
    'INSERT INTO versions (secret_id, version_id, secret_string, secret_binary, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const accessed = database.prepare(
    'UPDATE versions SET accessed_at = ? WHERE secret_id = ? AND version_id = ?',
  );
  const remove = database.prepare('DELETE FROM versions WHERE secret_id = ? AND version_id = ?');
  const stages = database.prepare('SELECT stage, version_id FROM stages WHERE secret_id = ?');
  const clearStages = database.prepare('DELETE FROM stages WHERE secret_id = ?');
  const addStage = database.prepare('INSERT INTO stages (secret_id, stage, version_id) VALUES (?, ?, ?)');

  return {
    /** Oldest first, without values. */
    list: (secretId: number): ListedVersion[] => list.all(secretId).map(toListed),
    find(secretId: number, versionId: string): Version | undefined {
      const row = find.get(secretId, versionId);
      return row === undefined ? undefined : toVersion(row);
    },
    add: (secretId: number, versionId: string, value: SecretValue, at: number) =>
      void add.run(secretId, versionId, value.secretString, value.secretBinary, at),
    accessed: (secretId: number, versionId: string, day: number) =>
      void accessed.run(day, secretId, versionId),
    remove: (secretId: number, versionId: string) => void remove.run(secretId, versionId),
    stages: (secretId: number): Stages =>
      new Map(
        stages.all(secretId).map((row) => {
          const { stage, version_id } = StageRow.parse(row);
          return [stage, version_id];
        }),
      ),
    setStages(secretId: number, held: Stages): void {
      clearStages.run(secretId);
      for (const [stage, versionId] of held) addStage.run(secretId, stage, versionId);
    },
  };
}
