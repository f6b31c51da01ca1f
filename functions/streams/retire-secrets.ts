import { replacedCredentials } from '../../shared/adapters/aws/table/stream-records.ts';
import { streamWorkers } from '../../shared/contract/background/index.ts';
import { retireCredentials } from '../../shared/domain/issuing/retire-credentials.ts';
import { onStream } from '../../shared/runtime/background/stream.ts';
import { countFailedRevocation } from '../../shared/runtime/metrics.ts';
import { wiring } from '../wiring/index.ts';

/** Revokes the grants of credentials that serve no more, and schedules the deletion of a disconnected connection's. */
export const handler = onStream(
  streamWorkers.retireSecrets,
  async (record, ports) => {
    const replaced = replacedCredentials(record);
    if (replaced) countFailedRevocation(replaced.providerId, await retireCredentials(replaced, ports));
  },
  wiring,
);
