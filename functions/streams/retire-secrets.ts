import { streamWorkers } from '../../shared/contract/background/index.ts';
import { onStream } from '../../shared/runtime/background/stream.ts';
import { secretsRemove } from '../wiring/secrets.ts';
import { removedConnection } from '../wiring/stream.ts';

/** A connection that is gone from the table leaves its secret behind; here it is scheduled for deletion. */
export const handler = onStream(
  streamWorkers.retireSecrets,
  async (record, { retireSecret }) => {
    const connectionId = removedConnection(record);
    if (connectionId) await retireSecret(connectionId);
  },
  { ports: secretsRemove },
);
