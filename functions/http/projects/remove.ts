import { deleteProject as route } from '../../../shared/contract/http/projects.ts';
import { toDeletionView } from '../../../shared/contract/http/views.ts';
import { deleteProject } from '../../../shared/domain/projects/delete.ts';
import { acceptedWith, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const remove = endpoint(route, async ({ params: { projectId } }, ports) =>
  acceptedWith(toDeletionView(await deleteProject(projectId, ports))),
);

export const handler = lambda(remove, wiring);
