import type * as z from 'zod/mini';
import { type Catalog, type Provider, providerSchema } from './schema.ts';

/**
 * A catalogue over entries by file name, each parsed when it is first asked for.
 *
 * `get` and `list` throw an error that names the file and each path at fault when an entry is not valid.
 */
export function loadCatalog(entries: Readonly<Record<string, unknown>>): Catalog {
  const parsed = new Map<string, Provider>();
  const get = (id: string): Provider | undefined => {
    const known = parsed.get(id);
    if (known !== undefined || !Object.hasOwn(entries, id)) return known;
    const provider = parseEntry(id, entries[id]);
    parsed.set(id, provider);
    return provider;
  };
  let all: readonly Provider[] | undefined;
  return {
    get,
    list() {
      all ??= Object.keys(entries)
        .flatMap((id) => get(id) ?? [])
        .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
      return all;
    },
  };
}

function parseEntry(id: string, entry: unknown): Provider {
  const result = providerSchema.safeParse(entry);
  const faults = result.success
    ? result.data.id === id
      ? []
      : [`id: is "${result.data.id}", which is not the file's name`]
    : result.error.issues.map((issue) => `${issue.path.join('.') || '(entry)'}: ${describe(issue)}`);
  if (result.success && faults.length === 0) return result.data;
  throw new Error(`shared/catalog/providers/${id}.json is not a valid provider\n  ${faults.join('\n  ')}`);
}

/** zod/mini carries no sentences of its own. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `knows no ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  return issue.message;
}
