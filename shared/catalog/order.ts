import type { PublicProvider } from './schema.ts';

/** Orders the list of providers: by name without regard to case, then by id. The names are in English. */
export function compareProviders(
  a: Pick<PublicProvider, 'id' | 'name'>,
  b: Pick<PublicProvider, 'id' | 'name'>,
): number {
  const byName = a.name.localeCompare(b.name, 'en', { sensitivity: 'base' });
  return byName === 0 && a.id !== b.id ? (a.id < b.id ? -1 : 1) : byName;
}
