import { removeIntegration } from '../../../shared/contract/http/flows.ts';
import { unlinkIntegration } from '../../../shared/domain/flows/link.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const remove = endpoint(removeIntegration, async ({ params, caller, expected }, ports) => {
  await unlinkIntegration({ ...params, expected, actor: caller }, ports);
  return noContent();
});

export const handler = lambda(remove, wiring);
