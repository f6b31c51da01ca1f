import { catalog } from '../../../shared/catalog/index.ts';
import { removeMember } from '../../../shared/contract/http/projects.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { membersWrite } from '../../wiring/table.ts';

export const remove = endpoint(removeMember, async ({ params: { projectId, userId } }, ports) => {
  await ports.removeMember(projectId, userId);
  return noContent();
});

export const handler = lambda(remove, { catalog, ports: membersWrite });
