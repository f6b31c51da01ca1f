import { putMember } from '../../../shared/contract/http/projects.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const put = endpoint(putMember, async ({ params: { projectId, userId }, body }, ports) => {
  await ports.members.put(projectId, userId, body.role);
  return noContent();
});

export const handler = lambda(put, wiring);
