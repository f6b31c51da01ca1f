import type { APIGatewayEventRequestContextIAMAuthorizer } from 'aws-lambda';
import type { ReceivedRequest } from './received-request.ts';
import { Refused } from './refusal.ts';
import { verifySignature } from './sigv4.ts';

export interface IamSettings {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `arn:aws:iam::<account>:user/<name>`: whom the key belongs to. */
  readonly userArn: string;
}

/**
 * Checks the request's signature and says who signed it, as an HTTP API with IAM authorisation does.
 *
 * @throws Refused (403) for a request that is not signed, or not by the one key there is.
 */
export async function authorizeIam(
  request: ReceivedRequest,
  settings: IamSettings,
  now: Date,
): Promise<APIGatewayEventRequestContextIAMAuthorizer> {
  const verdict = await verifySignature(request, settings, now);
  if (!verdict.accepted) throw new Refused('forbidden', {}, { cause: new Error(verdict.reason) });
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

/** The account's number in an ARN. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
