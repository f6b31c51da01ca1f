import { catalog } from '../../../shared/catalog/index.ts';
import { putMember } from '../../../shared/contract/http/projects.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, membersWrite } from '../../wiring/table.ts';

export const put = endpoint(putMember, async ({ params: { projectId, userId }, body }, ports) => {
  await ports.putMember(projectId, userId, body.role);
  return noContent();
});

export const handler = lambda(put, { catalog, guards, ports: membersWrite });
