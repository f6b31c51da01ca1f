import { removedConnection } from '../../shared/adapters/aws/table/stream-records.ts';
import { streamWorkers } from '../../shared/contract/background/index.ts';
import { onStream } from '../../shared/runtime/background/stream.ts';
import { wiring } from '../wiring/index.ts';

/** Schedules the deletion of the credentials of a connection that was removed from the table. */
export const handler = onStream(
  streamWorkers.retireSecrets,
  async (record, { credentials }) => {
    const connectionId = removedConnection(record);
    if (connectionId) await credentials.retire(connectionId);
  },
  wiring,
);
