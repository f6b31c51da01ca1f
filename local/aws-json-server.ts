import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { close, listen } from './loopback.ts';

/**
 * An error response of an AWS service: `type` becomes its `__type`, and `details` further members. The message never
 * holds a secret value.
 */
export class ServiceException extends Error {
  readonly type: string;
  readonly details: object;

  constructor(type: string, message: string, details: object = {}) {
    super(message);
    this.name = 'ServiceException';
    this.type = type;
    this.details = details;
  }
}

export interface AwsJsonService {
  /** The service in a signature's credential scope, for example `secretsmanager`. */
  readonly signingName: string;
  /** Precedes the operation in `X-Amz-Target`, for example `AWSEvents`. */
  readonly targetPrefix: string;
  /**
   * Performs an operation; `region` is the one that the request is signed for.
   *
   * @throws ServiceException for a request that the service refuses.
   */
  perform(operation: string, body: string, region: string): object;
}

export interface AwsJsonServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves an AWS service that speaks AWS JSON 1.1 on a free port of 127.0.0.1. Accepts a signature by any key: on
 * this machine, checking it would protect nothing.
 */
export async function startAwsJsonServer(service: AwsJsonService): Promise<AwsJsonServer> {
  const server = createServer((request, response) => void respond(request, response, service));
  const { url } = await listen(server);
  return { url, close: () => close(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  service: AwsJsonService,
): Promise<void> {
  const sent = await text(request).catch(() => undefined);
  if (sent === undefined) return;
  const { status, headers, body } = respondAs(service, request.headers, sent);
  response.writeHead(status, headers);
  response.end(body);
}

export interface AwsJsonResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Responds to a request, whose header names are in lower case, as a service does. */
export function respondAs(
  service: AwsJsonService,
  headers: Readonly<Record<string, unknown>>,
  body: string,
): AwsJsonResponse {
  let status = 200;
  let output: object;
  try {
    const region = signedRegion(String(headers.authorization), service.signingName);
    output = service.perform(operationOf(headers, service.targetPrefix), body, region);
  } catch (error) {
    status = error instanceof ServiceException ? 400 : 500;
    const { type, message, details } =
      error instanceof ServiceException ? error : internalError(service, error);
    output = { __type: type, Message: message, ...details };
  }
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(output),
  };
}

function operationOf(headers: Readonly<Record<string, unknown>>, targetPrefix: string): string {
  const [prefix, operation = ''] = String(headers['x-amz-target']).split('.');
  return prefix === targetPrefix ? operation : '';
}

function signedRegion(authorization: string, signingName: string): string {
  const scope = /Credential=[^/\s,]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;
  const [, region, signedFor] = scope.exec(authorization) ?? [];
  if (region === undefined) {
    throw new ServiceException('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (signedFor !== signingName) {
    throw new ServiceException('InvalidSignatureException', `The request is not signed for ${signingName}.`);
  }
  return region;
}

/** Logs the error's name alone: its message could hold the value that was being stored. */
function internalError({ signingName }: AwsJsonService, error: unknown): ServiceException {
  console.error(`${signingName}: a request failed with`, error instanceof Error ? error.name : 'an error');
  return new ServiceException('InternalServiceError', 'An error occurred on the server side.');
}

/** The response to an operation that the stand-in does not have. */
export function unknownOperation(operation: string): ServiceException {
  return new ServiceException('UnknownOperationException', `The stand-in has no operation "${operation}".`);
}
