/** Paths below the folder of a compiled catalog. All but the list have a file for each provider. */
export const CATALOG_FILES = {
  /** ProviderSummary. */
  summary: (id: string) => `summaries/${id}.json`,
  /** Every PublicProvider, in the order of the list. */
  list: 'list.json',
  /** PublicProvider. */
  form: (id: string) => `forms/${id}.json`,
  /** Provider. */
  entry: (id: string) => `entries/${id}.json`,
  /** SVG. */
  icon: (id: string) => `icons/${id}.svg`,
} as const;
