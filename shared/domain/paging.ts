import { hash } from 'node:crypto';
import { failure } from './errors.ts';

/** Bounds of one page: at most `limit` items after a position, or from the start when it is null. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

/** One page of a list. `next` is the position to continue after; null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Identity of a list: its name, project and filters. A cursor is valid for the same list only. */
export type CursorScope = Readonly<Record<string, string | boolean | undefined>>;

const DIGEST_LENGTH = 16;
const MAX_LENGTH = 4096;

/** Encodes a position as the cursor that a client sends back: the position and a digest that ties it to its list. */
export function encodeCursor(position: string, scope: CursorScope): string {
  return Buffer.from(digest(position, scope) + position, 'utf8').toString('base64url');
}

/**
 * Returns the position in a cursor.
 *
 * The digest has no key: it detects alterations and mix-ups. It protects nothing, because a position only says where to
 * continue in a list that the caller may read (docs/decisions/0004).
 *
 * @throws DomainError `invalid_cursor` when the cursor was altered or belongs to another list.
 */
export function decodeCursor(cursor: string, scope: CursorScope): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = text.slice(DIGEST_LENGTH);
  if (cursor.length > MAX_LENGTH || encodeCursor(position, scope) !== cursor) throw invalidCursor();
  return position;
}

/** Creates the error of a cursor that names no position of its list. */
export function invalidCursor() {
  return failure(
    'invalid_cursor',
    'The cursor was altered, or belongs to another list. Start from the first page.',
  );
}

function digest(position: string, scope: CursorScope): string {
  const parts = Object.entries(scope)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([position, parts]), 'base64url').slice(0, DIGEST_LENGTH);
}
