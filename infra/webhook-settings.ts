import * as z from 'zod';

/** HTTPS endpoint that receives every event. */
export const webhookSettings = z.strictObject({
  url: z.url({ protocol: /^https$/, error: 'must be an https URL' }),
  /**
   * Secrets Manager secret whose text is sent as the `Authorization` header. Create it before the
   * deployment, and outside of `connections/`, where connections have their secrets.
   */
  secretName: z
    .string()
    .regex(/^[\w/+=.@-]{1,512}$/, "must be a secret's name")
    .refine((name) => !name.startsWith('connections/'), 'must not be among the secrets of connections'),
  /**
   * Version of the secret to send. CloudFormation reads the secret only when the template changes: to
   * rotate it, set the id of the new version. Without it, the newest version at the last such deployment
   * is sent.
   */
  secretVersionId: z.string().min(32).max(64).optional(),
  /** Requests per second at most, 1 to 300. */
  rate: z.int().min(1).max(300),
});
