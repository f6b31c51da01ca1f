/** A global secondary index. All key attributes are strings. */
export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly projection: 'KEYS_ONLY' | readonly string[];
}

/** Keys and indexes of a table. */
export interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** The attribute of the time after which DynamoDB deletes an item. */
  readonly ttl: string;
  /** The indexes that functions query. */
  readonly indexes: readonly IndexDefinition[];
  /**
   * Indexes that the table has and no function queries: one that is to be filled before functions query it, and one that
   * functions of an earlier release query, which an undo may bring back (docs/indexes.md).
   */
  readonly unqueriedIndexes: readonly IndexDefinition[];
}

/** A page of connections shows one attribute, so that list indexes project a single one. */
const SUMMARY = ['summary'] as const;
/** A search filters by these. A filter cannot name a key of its own index, so the name stands beside the name key. */
const SEARCH_ATTRIBUTES = ['foldedName', 'facets'] as const;

/** Returns the two indexes of a filtered list: by age (the order of ids) and by name. */
function listIndexes<const N extends string, const P extends string>(name: N, partitionKey: P) {
  return [
    { name: `${name}-by-age`, partitionKey, sortKey: 'sk', projection: SUMMARY },
    { name: `${name}-by-name`, partitionKey, sortKey: 'nameKey', projection: SUMMARY },
  ] as const;
}

/**
 * The table. An index for each filter and order makes the cost of a page depend on its size alone, at any mix of
 * statuses; connections are read far more often than written (docs/decisions/0003).
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970. Only idempotency records and last checks have it. */
  ttl: 'ttl',
  indexes: [
    { name: 'all-by-name', partitionKey: 'pk', sortKey: 'nameKey', projection: SUMMARY },
    ...listIndexes('status', 'statusKey'),
    ...listIndexes('provider', 'providerKey'),
    ...listIndexes('provider-status', 'providerStatusKey'),
    ...listIndexes('expiring', 'expiringKey'),
    ...listIndexes('provider-expiring', 'providerExpiringKey'),
    { name: 'names-by-age', partitionKey: 'searchKey', sortKey: 'sk', projection: SEARCH_ATTRIBUTES },
    { name: 'names-by-name', partitionKey: 'pk', sortKey: 'nameKey', projection: SEARCH_ATTRIBUTES },
    { name: 'projects-by-user', partitionKey: 'userKey', sortKey: 'pk', projection: ['role'] },
    { name: 'checks', partitionKey: 'checkSlot', sortKey: 'checkOrder', projection: 'KEYS_ONLY' },
    { name: 'reminders', partitionKey: 'reminderKey', sortKey: 'reminderAt', projection: 'KEYS_ONLY' },
    { name: 'recovery', partitionKey: 'recoveryKey', sortKey: 'recoverAt', projection: 'KEYS_ONLY' },
  ],
  unqueriedIndexes: [],
} as const satisfies TableDefinition;

/** The name of an index that functions may query. */
export type IndexName = (typeof TABLE)['indexes'][number]['name'];
