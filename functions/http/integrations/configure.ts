import { catalog } from '../../../shared/catalog/index.ts';
import { configureIntegration } from '../../../shared/contract/http/flows.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { connectIntegration } from '../../../shared/domain/flows/connect.ts';
import { linkIntegration } from '../../../shared/domain/flows/link.ts';
import { created, endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { providersCall } from '../../wiring/providers.ts';
import { secretsWrite } from '../../wiring/secrets.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const configure = endpoint(configureIntegration, async ({ params, body, caller, view }, ports) => {
  const step = { ...params, providerId: body.provider, actor: caller };
  if (body.kind === 'existing') {
    const linked = await linkIntegration({ ...step, connectionId: body.connectionId }, ports);
    return ok(connectionView(linked, view));
  }
  const { credentials, expiresAt, name } = body;
  return created(
    connectionView(await connectIntegration({ ...step, credentials, expiresAt, name }, ports), view),
  );
});

export const handler = lambda(configure, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsWrite(), ...providersCall() }),
});
