import type { APIGatewayEventRequestContextIAMAuthorizer } from 'aws-lambda';
import { accountOf, type IamSettings } from '../lambda.ts';
import type { ReceivedRequest } from './request.ts';
import { GatewayError } from './response.ts';
import { verifySignature } from './sigv4.ts';

/**
 * Verifies the request's signature and returns the signer, as an HTTP API with IAM authorization does.
 *
 * @throws GatewayError `forbidden` for a request that is not signed with the one key.
 */
export async function authorizeIam(
  request: ReceivedRequest,
  settings: IamSettings,
  now: Date,
): Promise<APIGatewayEventRequestContextIAMAuthorizer> {
  const reason = await verifySignature(request, settings, now);
  if (reason !== undefined) throw new GatewayError('forbidden', {}, { cause: new Error(reason) });
  return {
    iam: {
      accessKey: settings.accessKeyId,
      accountId: accountOf(settings.userArn),
      callerId: settings.accessKeyId,
      cognitoIdentity: null,
      principalOrgId: 'o-local',
      userArn: settings.userArn,
      userId: settings.accessKeyId,
    },
  };
}
