/** Paths below the folder of a compiled catalog. */
export const CATALOG_FILES = {
  /** ProviderSummary by id. */
  summaries: 'summaries.json',
  /** Every PublicProvider, by name. */
  providers: 'providers.json',
  /** Provider. */
  entry: (id: string) => `entries/${id}.json`,
  /** SVG. */
  icon: (id: string) => `icons/${id}.svg`,
} as const;
