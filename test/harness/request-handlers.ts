import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Dispatcher } from 'undici';
import { type AwsJsonService, respondAs } from '../../local/aws-json-server.ts';

/**
 * Transports for the SDK clients of simulated deployments, in place of the SDK's own, which takes more time than
 * everything else in a call. What the SDK signs, retries and parses is the same.
 */
export type RequestHandler = SecretsManagerClient['config']['requestHandler'];

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** Passes requests to a stand-in of this process. */
export function inProcess(service: AwsJsonService): RequestHandler {
  return handlerOf(async ({ headers, body }) => {
    const response = respondAs(service, headers, new TextDecoder().decode(body));
    const { status, headers: received } = response;
    return { statusCode: status, headers: received, body: new TextEncoder().encode(response.body) };
  });
}

/** Sends requests over the connections of a pool, which outlive the clients. */
export function overPool(pool: Dispatcher): RequestHandler {
  return handlerOf(
    ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let head: Pick<Response, 'statusCode' | 'headers'> = { statusCode: 0, headers: {} };
        pool.dispatch(
          { method, path, headers, body: Buffer.from(body) },
          {
            onRequestStart: () => undefined,
            onResponseStart(_controller, statusCode, received) {
              head = { statusCode, headers: received };
            },
            onResponseData: (_controller, chunk) => void chunks.push(chunk),
            onResponseEnd: () => resolve({ ...head, body: new Uint8Array(Buffer.concat(chunks)) }),
            onResponseError: (_controller, error) => reject(error),
          },
        );
      }),
  );
}

function handlerOf(send: (request: Request) => Promise<Response>): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request: Request) => ({ response: await send(request) }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}
