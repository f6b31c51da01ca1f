import type * as z from 'zod/mini';
import type { Connection } from '../../../domain/connections/connection.ts';
import { foldName } from '../../../domain/connections/name.ts';
import { listedItem } from '../../../store/items.ts';
import { foldedNameOf, nameKey as nameKeyOf, projectOf, readProjectSk } from '../../../store/keys.ts';

/** A connection with where it stands by name. */
export interface Listed {
  readonly connection: Connection;
  /** As it was written: another release may fold a name to another key. */
  readonly nameKey: string;
  readonly foldedName: string;
}

/** The connection in an item of the table or of a list index. */
export function listedConnection(item: unknown): Connection {
  return connectionOf(listedItem.parse(item));
}

/** The same with where it stands by name; an item of a list by age has to be folded for that. */
export function listedByName(item: unknown): Listed {
  const parsed = listedItem.parse(item);
  const connection = connectionOf(parsed);
  const nameKey = parsed.nameKey ?? nameKeyOf(foldName(connection.name), connection.id);
  return { connection, nameKey, foldedName: foldedNameOf(nameKey) };
}

function connectionOf({ pk, sk, listed }: z.output<typeof listedItem>): Connection {
  return { id: readProjectSk(sk).id, projectId: projectOf(pk), ...listed };
}
