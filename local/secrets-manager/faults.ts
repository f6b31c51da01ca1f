/**
 * An error as Secrets Manager answers it: its `__type`, its message and an HTTP status (400 unless told).
 * Messages never carry a secret value. Where AWS's own wording is known it is kept, since people search for it.
 */
export class ServiceFault extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = 'ServiceFault';
    this.type = type;
    this.status = status;
  }
}

export const notFound = () =>
  new ServiceFault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

/** `what` is `VersionId: …` or `staging label: …`. */
export const valueNotFound = (what: string) =>
  new ServiceFault(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
  );

export const secretExists = (name: string) =>
  new ServiceFault(
    'ResourceExistsException',
    `The operation failed because the secret ${name} already exists.`,
  );

export const tokenInUse = (token: string, arn: string) =>
  new ServiceFault(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const markedForDeletion = () =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const invalidRequest = (message: string) => new ServiceFault('InvalidRequestException', message);

export const invalidParameter = (message: string) => new ServiceFault('InvalidParameterException', message);

export const limitExceeded = (message: string) => new ServiceFault('LimitExceededException', message);

export const invalidNextToken = () =>
  new ServiceFault('InvalidNextTokenException', 'The NextToken value is invalid.');

export const validation = (message: string) => new ServiceFault('ValidationException', message);

export const serialization = (message: string) => new ServiceFault('SerializationException', message);
