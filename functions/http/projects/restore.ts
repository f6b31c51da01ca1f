import { restoreProject as route } from '../../../shared/contract/http/projects.ts';
import { toDeletionView } from '../../../shared/contract/http/views.ts';
import { restoreProject } from '../../../shared/domain/projects/restore.ts';
import { acceptedWith, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const restore = endpoint(route, async ({ params: { projectId } }, ports) =>
  acceptedWith(toDeletionView(await restoreProject(projectId, ports))),
);

export const handler = lambda(restore, wiring);
