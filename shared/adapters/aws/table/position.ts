import type { ConnectionQuery } from '../../../domain/connections/reader.ts';
import { invalidCursor } from '../../../domain/paging.ts';
import { connectionIdOf, connectionKey } from './keys.ts';
import type { NamedSummary } from './summaries.ts';

/** The longest sort key that DynamoDB takes. */
const MAX_KEY_BYTES = 1_024;
const CONNECTION_ID = /^con_[0-9a-f-]{36}$/;

/** Where a connection stands in a list: its id by age, its name's key by name. */
export function positionOf(
  { connection, nameKey }: NamedSummary,
  { sort }: Pick<ConnectionQuery, 'sort'>,
): string {
  return sort === 'name' ? nameKey : connection.id;
}

/**
 * The key that a list goes on after, with every attribute that any of its indexes is keyed by.
 *
 * @throws DomainError `invalid_cursor` for a position that no list could have given.
 */
export function startKeyOf(
  { projectId, sort, after }: Pick<ConnectionQuery, 'projectId' | 'sort' | 'after'>,
  [attribute, value]: readonly [attribute: string, value: string],
  { keyedById = false } = {},
): Record<string, string> | undefined {
  if (after === null) return undefined;
  const id = sort === 'name' ? connectionIdOf(after) : after;
  if (!CONNECTION_ID.test(id) || Buffer.byteLength(after) > MAX_KEY_BYTES) throw invalidCursor();
  return {
    ...connectionKey(projectId, id),
    [attribute]: value,
    ...(sort === 'name' && { nameKey: after }),
    ...(keyedById && { id }),
  };
}
