import { catalog } from '../../../shared/catalog/index.ts';
import { listProjects } from '../../../shared/contract/http/projects.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { tableRead } from '../../wiring/table.ts';

export const list = endpoint(listProjects, async ({ caller }, ports) => {
  return ok({ items: [...(await ports.projectsOf(caller.id))] });
});

export const handler = lambda(list, { catalog, ports: tableRead });
