import { removeMember } from '../../../shared/contract/http/projects.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const remove = endpoint(removeMember, async ({ params: { projectId, userId } }, ports) => {
  await ports.members.remove(projectId, userId);
  return noContent();
});

export const handler = lambda(remove, wiring);
