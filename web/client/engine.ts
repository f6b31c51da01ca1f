import { AwsClient } from 'aws4fetch';
import createFetchClient from 'openapi-fetch';
import type { ConnectionsClient } from './index.ts';
import type { paths } from './schema.ts';

export interface EngineClientOptions {
  /** The address of the API, without a path. */
  readonly baseUrl: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Session token of temporary credentials, as a role has them. */
  readonly sessionToken?: string;
}

/** Creates a client that calls the API as the flow engine: Signature Version 4, for the routes `/v1/runtime/…`. */
export function createEngineClient({ baseUrl, ...key }: EngineClientOptions): ConnectionsClient {
  // The caller decides about retries, since it knows which of its requests may be repeated.
  const aws = new AwsClient({ ...key, service: 'execute-api', retries: 0 });
  return createFetchClient<paths>({ baseUrl, fetch: (request) => aws.fetch(request) });
}
