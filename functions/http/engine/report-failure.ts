import { reportFailure as route } from '../../../shared/contract/http/engine.ts';
import { reportFailure } from '../../../shared/domain/checks/report-failure.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { accepted, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { logger } from '../../../shared/runtime/logger.ts';
import { wiring } from '../../wiring/index.ts';

export const report = endpoint(route, async ({ body: { status }, access }, ports) => {
  // The status is logged for operators. The message may quote credentials and is discarded.
  logger().info('reported', { route: route.entry, requestId: ports.correlationId, providerStatus: status });
  await reportFailure(requireConnection((await access).connection).connection, ports);
  return accepted();
});

export const handler = lambda(report, wiring);
