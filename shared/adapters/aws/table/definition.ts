/** A global secondary index; every key attribute is a string. */
export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly projection: 'KEYS_ONLY' | readonly string[];
}

/** What a page of connections shows is one map, `listed`, so that an index projects one attribute. */
const SUMMARY = ['summary'] as const;
/** What a search needs of a connection: by which lists it would be found; its folded name is a key. */
const FACETS = ['nameKey', 'statusKey', 'providerKey', 'expiringKey'] as const;

/** Lists of connections by age (the id's order) and by name, within one partition for each filter. */
function lists<const N extends string, const P extends string>(name: N, partitionKey: P) {
  return [
    { name: `${name}-by-age`, partitionKey, sortKey: 'sk', projection: SUMMARY },
    { name: `${name}-by-name`, partitionKey, sortKey: 'nameKey', projection: SUMMARY },
  ] as const;
}

/**
 * The one table. An index for each filter and order makes a page cost what the page weighs at any mix of
 * statuses; connections are read far more often than they are written (docs/decisions/0003).
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970; what is kept for a while alone has it: idempotency records, deeds done once, last checks. */
  ttl: 'ttl',
  indexes: [
    { name: 'all-by-name', partitionKey: 'pk', sortKey: 'nameKey', projection: SUMMARY },
    ...lists('status', 'statusKey'),
    ...lists('provider', 'providerKey'),
    ...lists('provider-status', 'providerStatusKey'),
    ...lists('expiring', 'expiringKey'),
    ...lists('provider-expiring', 'providerExpiringKey'),
    { name: 'names-by-age', partitionKey: 'pk', sortKey: 'id', projection: FACETS },
    { name: 'names-by-name', partitionKey: 'pk', sortKey: 'nameKey', projection: FACETS },
    { name: 'projects-by-user', partitionKey: 'userKey', sortKey: 'pk', projection: ['role'] },
    { name: 'checks', partitionKey: 'checkSlot', sortKey: 'checkOrder', projection: 'KEYS_ONLY' },
    { name: 'reminders', partitionKey: 'reminderKey', sortKey: 'reminderAt', projection: 'KEYS_ONLY' },
    { name: 'recovery', partitionKey: 'recoveryKey', sortKey: 'recoverAt', projection: 'KEYS_ONLY' },
  ],
} as const satisfies {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly ttl: string;
  readonly indexes: readonly IndexDefinition[];
};

/** The name of an index of the table. */
export type IndexName = (typeof TABLE)['indexes'][number]['name'];
