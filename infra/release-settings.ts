import * as z from 'zod';

/** Releases of functions in versions, between which CodeDeploy moves the traffic. */
export const releaseSettings = z.strictObject({
  /**
   * Minutes for which a tenth of the invocations of each function goes to its new version, before all do: 10, 15 or 30,
   * the canaries that CodeDeploy has. Alarms evaluate 5 minutes, `api-errors` twice; one that goes off takes the traffic
   * back, and the deployment fails. 0 moves all traffic at once, whatever the alarms say: for a deployment that ends an
   * alarm.
   */
  canaryMinutes: z.literal([0, 10, 15, 30], 'must be one of 0, 10, 15, 30'),
});
