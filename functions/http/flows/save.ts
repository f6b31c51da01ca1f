import { saveFlow as route } from '../../../shared/contract/http/flows.ts';
import { toFlowView } from '../../../shared/contract/http/views.ts';
import { saveFlow } from '../../../shared/domain/flows/save.ts';
import { withStatus } from '../../../shared/domain/flows/view.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const save = endpoint(route, async ({ params, body }, ports) => {
  const flow = await saveFlow({ ...params, name: body.name }, ports);
  return ok(toFlowView(await withStatus(flow, ports)));
});

export const handler = lambda(save, wiring);
