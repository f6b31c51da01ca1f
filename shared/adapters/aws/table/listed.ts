import type { Connection } from '../../../domain/connections/connection.ts';
import { listedItem } from '../../../store/items.ts';
import { projectOf, readProjectSk } from '../../../store/keys.ts';

/** The connection in an item of the table or of a list index. */
export function listedConnection(item: unknown): Connection {
  const { pk, sk, listed } = listedItem.parse(item);
  return { id: readProjectSk(sk).id, projectId: projectOf(pk), ...listed };
}
