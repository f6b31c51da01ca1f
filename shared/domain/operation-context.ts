import type { Catalog } from '../catalog/schema.ts';
import type { Backoff, Clock, Ids } from './time.ts';

/** What every operation may use without asking: none of it reaches stored data or the network. */
export interface OperationContext {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly backoff: Backoff;
  readonly catalog: Catalog;
  /** Under which the request, message or run that set the work off stands in the logs. */
  readonly correlationId: string;
}
