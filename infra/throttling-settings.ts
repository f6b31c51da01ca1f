import * as z from 'zod';

/** Requests per second, and requests at once. The bounds are the default quotas of an account in a Region. */
const limit = { rate: z.int().min(1).max(10_000), burst: z.int().min(1).max(5_000) };

/** Throttling of the API. Requests above it fail with 429. */
export const throttlingSettings = z.strictObject({
  ...limit,
  /**
   * Requests in a minute of the users of one project that call providers (connect, reconnect, authorize, check), 1 to
   * 100,000, by default 600. More get 429 `too_many_requests`: each occupies a function for as long as its provider takes,
   * and no project may use up those of all others.
   */
  providerRequestsPerMinute: z.int().min(1).max(100_000).default(600),
  /**
   * `rate` and `burst` of each route of the flow engine, which users' requests then do not use up. Without it, the throttle of the
   * stage applies to those routes as well.
   */
  engine: z
    .strictObject({
      ...limit,
      /**
       * Lambda concurrency that is kept for issuing credentials, 1 to 1,000, and also its most: no other function of the
       * account uses it up. Lambda leaves at least 100 of the account's concurrency unreserved, so an account needs a
       * quota above that (docs/scale.md). Without it, issuing credentials shares the account's concurrency.
       */
      reservedConcurrency: z.int().min(1).max(1_000).optional(),
    })
    .optional(),
});
