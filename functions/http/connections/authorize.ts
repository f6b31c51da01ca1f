import { authorizeConnection } from '../../../shared/contract/http/authorizations.ts';
import { startAuthorization } from '../../../shared/domain/authorizations/authorize.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { requireProvider } from '../../../shared/domain/model/provider.ts';
import { created, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const authorize = endpoint(
  authorizeConnection,
  async ({ params, body, caller, access, view }, ports) => {
    const { projectId, connectionId } = params;
    const { returnTo, fields = {}, allowAccountChange = false } = body;
    const { connection } = requireConnection((await access).connection);
    const provider = requireProvider(connection, ports);
    const target = { kind: 'reconnect', connectionId, allowAccountChange } as const;
    const request = { projectId, userId: caller.id, apiUrl: view.apiUrl, provider, target, returnTo, fields };
    return created(await startAuthorization(request, ports));
  },
);

export const handler = lambda(authorize, wiring);
