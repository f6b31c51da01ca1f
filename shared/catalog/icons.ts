import icons from './icons.json' with { type: 'json' };

const byId: ReadonlyMap<string, string> = new Map(Object.entries(icons));

/** The SVG of a provider's mark. Kept apart from the catalogue, so that only who serves icons loads them. */
export function iconOf(id: string): string | undefined {
  return byId.get(id);
}
