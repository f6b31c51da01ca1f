import { catalog } from '../../shared/catalog/index.ts';
import { queueWorkers } from '../../shared/contract/background/index.ts';
import { checkBatch } from '../../shared/domain/checks/check-batch.ts';
import { checkBatchMessage } from '../../shared/messages/check-batch.ts';
import { onQueue } from '../../shared/runtime/background/queue.ts';
import { countChecks, countDelay, countSuperseded } from '../../shared/runtime/metrics.ts';
import { providersCall } from '../wiring/providers.ts';
import { checksEnqueue } from '../wiring/queue.ts';
import { secretsRead } from '../wiring/secrets.ts';
import { tableRead, tableWrite } from '../wiring/table.ts';

export const handler = onQueue(
  queueWorkers.checkConnections,
  {
    message: checkBatchMessage,
    handle: async (batch, ports) => {
      const report = await checkBatch(batch, ports);
      countChecks(batch.providerId, report.outcomes);
      countDelay(report.secondsLate);
      countSuperseded(report.superseded);
      return { provider: batch.providerId, ...report };
    },
  },
  {
    catalog,
    ports: () => ({
      ...tableRead(),
      ...tableWrite(),
      ...secretsRead(),
      ...providersCall(),
      ...checksEnqueue(),
    }),
  },
);
