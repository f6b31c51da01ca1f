import type { Provider } from '../../catalog/schema.ts';
import { fill } from '../../catalog/templates.ts';
import type { Account } from '../../domain/model/connection.ts';
import type { ProviderResponse } from './client.ts';

/** Longest account id or label kept, in Unicode code points. */
const MAX_LENGTH = 200;

/** An answer with its body parsed; `json` is undefined when the body is not JSON. */
export interface ParsedResponse extends ProviderResponse {
  readonly json: unknown;
}

/** Parses the body where it is JSON. */
export function parseResponse(answer: ProviderResponse): ParsedResponse {
  try {
    return { ...answer, json: JSON.parse(answer.body) };
  } catch {
    return { ...answer, json: undefined };
  }
}

/** The value at a path such as `user.emails.0`; undefined where there is none. */
export function atPath(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return Object.entries(value).find(([key]) => key === part)?.[1];
  }, json);
}

/** What stands at `body.<path>` or `header.<name>`, as text; undefined where nothing tellable stands. */
export function readText(answer: ParsedResponse, reading: string): string | undefined {
  const [source, ...rest] = reading.split('.');
  const value = source === 'header' ? answer.headers[rest.join('.')] : atPath(answer.json, rest.join('.'));
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = printable(String(value));
  return text === '' ? undefined : text;
}

/** Who the credentials act for, as the provider's answer tells it; null where it does not. */
export function readAccount(
  { account, auth }: Provider,
  answer: ParsedResponse,
  credentials: Readonly<Record<string, string>>,
): Account | null {
  if (account === null) return null;
  const open = new Set(auth.fields.filter((field) => !field.secret).map((field) => field.name));
  const lookUp = (name: string): string | undefined => {
    if (!name.startsWith('field.')) return readText(answer, name);
    const field = name.slice('field.'.length);
    return open.has(field) ? credentials[field] : undefined;
  };
  const id = fill(account.id, lookUp);
  if (id === undefined) return null;
  const label = account.labels.map((template) => fill(template, lookUp)).find((text) => text !== undefined);
  return { id: clipped(id), label: clipped(label ?? id) };
}

function printable(text: string): string {
  return clipped(text.replaceAll(/\p{C}/gu, '').trim());
}

/** Half a character would come back from the table as another one, and make the account another account. */
function clipped(text: string): string {
  return [...text].slice(0, MAX_LENGTH).join('');
}
