import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';

const Tags = z.array(z.object({ Key: z.optional(z.string()), Value: z.optional(z.string()) }));
export type Tag = z.infer<typeof Tags>[number];

const Row = z.object({
  id: z.number(),
  arn: z.string(),
  name: z.string(),
  description: z.nullable(z.string()),
  kms_key_id: z.nullable(z.string()),
  tags: z.string(),
  created_at: z.number(),
  changed_at: z.number(),
  accessed_at: z.nullable(z.number()),
  deletion_at: z.nullable(z.number()),
});

export interface Secret {
  /** Grows with age, so it orders secrets by their making. */
  readonly id: number;
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly kmsKeyId: string | null;
  readonly tags: readonly Tag[];
  readonly createdAt: number;
  readonly changedAt: number;
  /** Midnight UTC of the day a value was last read. */
  readonly accessedAt: number | null;
  /** End of the recovery window, while a deletion is scheduled. */
  readonly deletionAt: number | null;
}

export type NewSecret = Pick<Secret, 'arn' | 'name' | 'description' | 'kmsKeyId' | 'tags' | 'createdAt'>;

function toSecret(row: unknown): Secret {
  const found = Row.parse(row);
  return {
    id: found.id,
    arn: found.arn,
    name: found.name,
    description: found.description,
    kmsKeyId: found.kms_key_id,
    tags: Tags.parse(JSON.parse(found.tags)),
    createdAt: found.created_at,
    changedAt: found.changed_at,
    accessedAt: found.accessed_at,
    deletionAt: found.deletion_at,
  };
}

/** The secrets themselves, without versions or values. */
export function secretRows(database: DatabaseSync) {
  const byName = database.prepare('SELECT * FROM secrets WHERE name = ?');
  const byArn = database.prepare('SELECT * FROM secrets WHERE arn = ?');
  const add = database.prepare(
    'INSERT INTO secrets (arn, name, description, kms_key_id, tags, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *',
  );
  const after = database.prepare('SELECT * FROM secrets WHERE id > ? ORDER BY id');
  const before = database.prepare('SELECT * FROM secrets WHERE id < ? ORDER BY id DESC');
  const changed = database.prepare('UPDATE secrets SET changed_at = ? WHERE id = ?');
  const accessed = database.prepare('UPDATE secrets SET accessed_at = ? WHERE id = ?');
  const schedule = database.prepare('UPDATE secrets SET deletion_at = ?, changed_at = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM secrets WHERE id = ?');
  const removeDue = database.prepare('DELETE FROM secrets WHERE deletion_at <= ?');
  const one = (row: unknown) => (row === undefined ? undefined : toSecret(row));

  return {
    byName: (name: string) => one(byName.get(name)),
    byArn: (arn: string) => one(byArn.get(arn)),
    add: (s: NewSecret): Secret =>
      toSecret(
        add.get(s.arn, s.name, s.description, s.kmsKeyId, JSON.stringify(s.tags), s.createdAt, s.createdAt),
      ),
    /** Secrets in the order of their making, beginning beyond the id `from`; read lazily. */
    *inOrder(order: 'asc' | 'desc', from: number | undefined): Generator<Secret> {
      const rows =
        order === 'asc' ? after.iterate(from ?? 0) : before.iterate(from ?? Number.MAX_SAFE_INTEGER);
      for (const row of rows) yield toSecret(row);
    },
    changed: (id: number, at: number) => void changed.run(at, id),
    accessed: (id: number, day: number) => void accessed.run(day, id),
    /** Schedules deletion at `deletionAt`, or cancels it with null. */
    schedule: (id: number, deletionAt: number | null, now: number) => void schedule.run(deletionAt, now, id),
    remove: (id: number) => void remove.run(id),
    /** Removes every secret whose recovery window is over. */
    removeDue: (now: number) => void removeDue.run(now),
  };
}
