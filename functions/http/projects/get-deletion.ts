import { getProjectDeletion } from '../../../shared/contract/http/projects.ts';
import { toDeletionView } from '../../../shared/contract/http/views.ts';
import { loadDeletion } from '../../../shared/domain/projects/deletion.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const getDeletion = endpoint(getProjectDeletion, async ({ params: { projectId } }, ports) =>
  ok(toDeletionView(await loadDeletion(projectId, ports))),
);

export const handler = lambda(getDeletion, wiring);
