import { catalog } from '../../../shared/catalog/index.ts';
import { saveFlow as route } from '../../../shared/contract/http/flows.ts';
import { flowView } from '../../../shared/contract/http/views.ts';
import { saveFlow } from '../../../shared/domain/flows/save.ts';
import { viewFlow } from '../../../shared/domain/flows/statuses.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const save = endpoint(route, async ({ params, body }, ports) => {
  const flow = await saveFlow({ ...params, name: body.name }, ports);
  return ok(flowView(await viewFlow(flow, ports)));
});

export const handler = lambda(save, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite() }),
});
