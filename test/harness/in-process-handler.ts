import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsJsonService, respondAs } from '../../local/aws-json-server.ts';

type RequestHandler = SecretsManagerClient['config']['requestHandler'];

/**
 * Passes an SDK client's requests to a stand-in of this process without a connection, which takes more time than
 * everything else in a call: what the SDK signs and parses is the same.
 */
export function inProcessHandler(service: AwsJsonService): RequestHandler {
  return {
    metadata: { handlerProtocol: 'in-process' },
    async handle({ headers, body }: { headers: Readonly<Record<string, string>>; body: Uint8Array }) {
      const response = respondAs(service, headers, new TextDecoder().decode(body));
      const bytes = new TextEncoder().encode(response.body);
      return { response: { statusCode: response.status, headers: response.headers, body: bytes } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}
