import { configureIntegration } from '../../../shared/contract/http/flows.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { createConnection } from '../../../shared/domain/connections/create.ts';
import { enteredCredentials } from '../../../shared/domain/credentials/accept.ts';
import { linkIntegration } from '../../../shared/domain/flows/link.ts';
import { created, endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const configure = endpoint(configureIntegration, async ({ params, body, caller, view }, ports) => {
  const step = { ...params, providerId: body.provider, actor: caller };
  if (body.kind === 'existing') {
    const linked = await linkIntegration({ ...step, connectionId: body.connectionId }, ports);
    return ok(toConnectionView(linked, view, ports));
  }
  const { name, ...candidate } = body;
  const source = enteredCredentials(candidate, ports);
  const connection = await createConnection({ ...step, source, name }, ports);
  return created(toConnectionView(connection, view, ports));
});

export const handler = lambda(configure, wiring);
