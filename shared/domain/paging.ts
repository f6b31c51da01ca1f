import { createHash } from 'node:crypto';
import { failure } from './errors.ts';

/** A page of a list, and where the next one starts; `next` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What a list was asked for; a cursor is good for the same list only. */
export type Binding = Readonly<Record<string, string | boolean | undefined>>;

const DIGEST_LENGTH = 16;
const MAX_LENGTH = 4096;

/** Where a list continues, as the client keeps it: the position and a digest that ties it to its list. */
export function encodeCursor(position: string, binding: Binding): string {
  return Buffer.from(digest(position, binding) + position, 'utf8').toString('base64url');
}

/**
 * The position inside a cursor.
 *
 * The digest has no key: it finds alterations and mix-ups. It guards nothing, since a position only says where
 * in a list, that the caller was just allowed to read, to go on (docs/decisions/0004).
 *
 * @throws DomainError `invalid_cursor` when it was altered, or made for another list.
 */
export function decodeCursor(cursor: string, binding: Binding): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = text.slice(DIGEST_LENGTH);
  if (cursor.length > MAX_LENGTH || encodeCursor(position, binding) !== cursor) throw invalidCursor();
  return position;
}

/** The error of a cursor that cannot be followed. */
export function invalidCursor() {
  return failure(
    'invalid_cursor',
    'The cursor was altered, or belongs to another list. Start from the first page.',
  );
}

function digest(position: string, binding: Binding): string {
  const parts = Object.entries(binding)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([position, parts]))
    .digest('base64url')
    .slice(0, DIGEST_LENGTH);
}
