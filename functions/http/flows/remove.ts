import { removeFlow as route } from '../../../shared/contract/http/flows.ts';
import { removeFlow } from '../../../shared/domain/flows/remove.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const remove = endpoint(route, async ({ params, caller }, ports) => {
  await removeFlow({ ...params, actor: caller }, ports);
  return noContent();
});

export const handler = lambda(remove, wiring);
