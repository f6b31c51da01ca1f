import { reconnectConnection } from '../../../shared/contract/http/credentials.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { reconnect as replaceCredentials } from '../../../shared/domain/connections/reconnect.ts';
import { enteredCredentials } from '../../../shared/domain/credentials/accept.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const reconnect = endpoint(
  reconnectConnection,
  async ({ params, body, caller, access, expected, view }, ports) => {
    const { allowAccountChange = false, ...candidate } = body;
    const source = enteredCredentials(candidate, ports);
    const found = requireConnection((await access).connection);
    const connection = await replaceCredentials(
      { ...params, found, source, allowAccountChange, expected, actor: caller },
      ports,
    );
    return ok(toConnectionView(connection, view, ports));
  },
);

export const handler = lambda(reconnect, wiring);
