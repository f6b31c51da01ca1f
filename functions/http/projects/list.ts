import { listProjects } from '../../../shared/contract/http/projects.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const list = endpoint(listProjects, async ({ caller }, ports) => {
  return ok({ items: [...(await ports.members.projectsOf(caller.id))] });
});

export const handler = lambda(list, wiring);
