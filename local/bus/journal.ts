import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Envelope } from './entry.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT, envelope TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    position INTEGER NOT NULL REFERENCES events (position),
    target TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    PRIMARY KEY (position, target)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (due, position);
`;

/** An event on its way to a target; `tries` are those that failed. */
export interface Delivery {
  readonly position: number;
  readonly target: string;
  readonly tries: number;
  readonly envelope: unknown;
}

const row = z.object({ position: z.number(), target: z.string(), tries: z.number(), envelope: z.string() });
const eventRow = z.object({ envelope: z.string() });

export type Journal = ReturnType<typeof openJournal>;

/** Everything that reached the bus, and what of it has not reached its targets yet, in a file. */
export function openJournal(dataFile: string) {
  const database = new DatabaseSync(dataFile);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
  const insertEvent = database.prepare('INSERT INTO events (envelope) VALUES (?)');
  const insertDelivery = database.prepare('INSERT INTO deliveries (position, target, due) VALUES (?, ?, ?)');
  const selectEvents = database.prepare('SELECT envelope FROM events ORDER BY position');
  const selectDue = database.prepare(
    `SELECT position, target, tries, envelope FROM deliveries JOIN events USING (position)
     WHERE due <= ? ORDER BY due, position LIMIT 1`,
  );
  const remove = database.prepare('DELETE FROM deliveries WHERE position = ? AND target = ?');
  const postpone = database.prepare(
    'UPDATE deliveries SET tries = tries + 1, due = ? WHERE position = ? AND target = ?',
  );
  return {
    /** Keeps events and their deliveries, all or none. */
    append(
      envelopes: readonly Envelope[],
      targetsOf: (envelope: Envelope) => readonly string[],
      now: number,
    ) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const envelope of envelopes) {
          const { lastInsertRowid } = insertEvent.run(JSON.stringify(envelope));
          for (const target of targetsOf(envelope)) insertDelivery.run(lastInsertRowid, target, now);
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    /** All that ever came, oldest first. */
    events: (): unknown[] => selectEvents.all().map((found) => JSON.parse(eventRow.parse(found).envelope)),
    nextDue(now: number): Delivery | undefined {
      const found = selectDue.get(now);
      if (found === undefined) return undefined;
      const { envelope, ...delivery } = row.parse(found);
      return { ...delivery, envelope: JSON.parse(envelope) };
    },
    settle: ({ position, target }: Delivery) => remove.run(position, target),
    postpone: ({ position, target }: Delivery, due: number) => postpone.run(due, position, target),
    close: () => database.close(),
  };
}
