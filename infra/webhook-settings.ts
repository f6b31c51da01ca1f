import * as z from 'zod';
import { secretReferenceFields } from './secret-reference.ts';

/** HTTPS endpoint that receives every event. */
export const webhookSettings = z.strictObject({
  url: z.url({ protocol: /^https$/, error: 'must be an https URL' }),
  /** Secret whose text is the `Authorization` header. */
  ...secretReferenceFields,
  /** Requests per second at most, 1 to 300. */
  rate: z.int().min(1).max(300),
});
