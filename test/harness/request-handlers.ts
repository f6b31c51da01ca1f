import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsJsonService, respondAs } from '../../local/aws-json-server.ts';

/** The transport of an SDK client. */
export type RequestHandler = SecretsManagerClient['config']['requestHandler'];

interface Request {
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Passes the requests of SDK clients to a stand-in of this process. What the SDK signs, retries and parses is the same. */
export function inProcess(service: AwsJsonService): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ headers, body }: Request) {
      const response = respondAs(service, headers, new TextDecoder().decode(body));
      const { status: statusCode, headers: received } = response;
      return { response: { statusCode, headers: received, body: new TextEncoder().encode(response.body) } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}
