import { catalog } from '../../../shared/catalog/index.ts';
import { reportFailure as route } from '../../../shared/contract/http/engine.ts';
import { reportFailure } from '../../../shared/domain/checks/report-failure.ts';
import { accepted, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { logger } from '../../../shared/runtime/logger.ts';
import { checksEnqueue } from '../../wiring/queue.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const report = endpoint(route, async ({ params, body: { status } }, ports) => {
  // Whoever reads the log sees what the engine met. Its message may quote what nobody should read, and is let go.
  logger().info('reported', { route: route.entry, requestId: ports.correlationId, providerStatus: status });
  await reportFailure(params, ports);
  return accepted();
});

export const handler = lambda(report, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...checksEnqueue() }),
});
