import { queueWorkers } from '../../shared/contract/background/index.ts';
import { checkBatch } from '../../shared/domain/checks/check-batch.ts';
import { checkBatchMessage } from '../../shared/messages/check-batch.ts';
import { onQueue } from '../../shared/runtime/background/queue.ts';
import { countChecks, countSuperseded, recordDelay } from '../../shared/runtime/metrics.ts';
import { wiring } from '../wiring/index.ts';

export const handler = onQueue(
  queueWorkers.checkConnections,
  {
    message: checkBatchMessage,
    handle: async (batch, ports) => {
      const report = await checkBatch(batch, ports);
      countChecks(batch.providerId, report.outcomes);
      recordDelay(report.secondsLate);
      countSuperseded(report.superseded);
      return { provider: batch.providerId, ...report };
    },
  },
  wiring,
);
