import { issueCredentials as route } from '../../../shared/contract/http/engine.ts';
import { issueCredentials } from '../../../shared/domain/issuing/issue-credentials.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const issue = endpoint(route, async ({ params, body, access }, ports) => {
  const found = requireConnection((await access).connection);
  const { connection, authType, credentials, expiresAt } = await issueCredentials(
    { ...params, found, minValiditySeconds: body?.minValiditySeconds },
    ports,
  );
  return ok({
    connectionId: connection.id,
    provider: connection.providerId,
    authType,
    credentials: { ...credentials.reveal() },
    expiresAt,
    version: connection.version,
  });
});

export const handler = lambda(issue, wiring);
