import * as z from 'zod';

/** Status checks of connections. */
export const checkSettings = z.strictObject({
  /**
   * Concurrent invocations of the check worker, 2 to 1,000 (the bounds of an SQS event source). Each
   * checks up to 250 connections per invocation, so the default of 5 is enough for about 10,000 checks a
   * minute. A higher value does not call a provider more often: each provider has its own call budget. Set 2 in
   * a new account, whose Lambda concurrency is 10: requests need the rest (docs/scale.md).
   */
  concurrency: z.int().min(2).max(1_000).default(5),
  /**
   * Calls per second that all checks together may make to one provider, 1 to 1,000, by default 20; at once they may
   * make those of 5 seconds. A provider whose catalog entry has `limits` gets those instead.
   */
  callsPerSecond: z.int().min(1).max(1_000).default(20),
  /**
   * The same of single providers, by the ids of their entries, 1 to 1,000: `{ hubspot: 50 }`. It outranks `limits`. At
   * 20 calls a second, a provider of 72,000 connections is checked once an hour. Stages that share a platform's OAuth
   * client share what its provider allows.
   */
  callsPerSecondOf: z
    .record(
      z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be a provider's id"),
      z.int().min(1).max(1_000),
    )
    .default({}),
});
