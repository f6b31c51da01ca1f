import { invalidNextToken } from './faults.ts';

const DEFAULT_PAGE = 100;

interface Paging {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/**
 * One page of what `beyond` yields after the id a token stands for, and the token of the next page, if any.
 * @throws InvalidNextTokenException for a token that was not made here
 */
export function pageOf<T extends { readonly id: number }>(
  { MaxResults = DEFAULT_PAGE, NextToken }: Paging,
  beyond: (from: number | undefined) => Iterable<T>,
): { items: T[]; NextToken: string | undefined } {
  const items: T[] = [];
  for (const item of beyond(NextToken === undefined ? undefined : readToken(NextToken))) {
    if (items.length === MaxResults) return { items, NextToken: writeToken(items.at(-1)) };
    items.push(item);
  }
  return { items, NextToken: undefined };
}

function writeToken(last: { readonly id: number } | undefined): string | undefined {
  return last && Buffer.from(`after:${last.id}`).toString('base64url');
}

function readToken(token: string): number {
  const [, id] = /^after:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (id === undefined) throw invalidNextToken();
  return Number(id);
}
