import { ServiceException } from '../aws-json-server.ts';

// Messages are AWS's own where they are known, since users search for them.

export const secretNotFound = () =>
  new ServiceException('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

/** `version` is `VersionId: …` or `staging label: …`. */
export const valueNotFound = (version: string) =>
  new ServiceException(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${version}`,
  );

export const secretExists = (name: string) =>
  new ServiceException(
    'ResourceExistsException',
    `The operation failed because the secret ${name} already exists.`,
  );

export const tokenInUse = (token: string, arn: string) =>
  new ServiceException(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const scheduledForDeletion = () =>
  new ServiceException(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export const invalidRequest = (message: string) => new ServiceException('InvalidRequestException', message);

export const invalidParameter = (message: string) =>
  new ServiceException('InvalidParameterException', message);

export const tooManyVersions = (quota: number) =>
  new ServiceException(
    'LimitExceededException',
    `You've reached the quota of ${quota} versions for this secret.`,
  );

export const invalidNextToken = () =>
  new ServiceException('InvalidNextTokenException', 'The NextToken value is invalid.');
