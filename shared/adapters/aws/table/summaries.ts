import type * as z from 'zod/mini';
import type { Connection } from '../../../domain/connections/connection.ts';
import { foldName } from '../../../domain/connections/name.ts';
import { summaryItem } from './items.ts';
import { foldedNameOf, nameKey as nameKeyOf, projectOf, readProjectSk } from './keys.ts';

/** A connection with where it stands by name. */
export interface NamedSummary {
  readonly connection: Connection;
  /** As it was written: another release may fold a name to another key. */
  readonly nameKey: string;
  readonly foldedName: string;
}

/** The connection in an item of the table or of a list index. */
export function connectionFromSummary(item: unknown): Connection {
  return connectionOf(summaryItem.parse(item));
}

/** The same with where it stands by name; an item of a list by age has to be folded for that. */
export function summaryByName(item: unknown): NamedSummary {
  const parsed = summaryItem.parse(item);
  const connection = connectionOf(parsed);
  const nameKey = parsed.nameKey ?? nameKeyOf(foldName(connection.name), connection.id);
  return { connection, nameKey, foldedName: foldedNameOf(nameKey) };
}

function connectionOf({ pk, sk, summary }: z.output<typeof summaryItem>): Connection {
  return { id: readProjectSk(sk).id, projectId: projectOf(pk), ...summary };
}
