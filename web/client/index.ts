import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import type { paths } from './schema.ts';

export { ProblemError, requireData } from './problem.ts';
export type {
  Checked,
  Connection,
  ConnectionPage,
  Flow,
  FlowPage,
  HistoryEntry,
  HistoryPage,
  Problem,
  ProjectList,
  Provider,
  ProviderList,
  paths,
  StartedAuthorization,
} from './schema.ts';

/** The API, one typed function for each method: `client.GET('/v1/projects')`. */
export type ConnectionsClient = Client<paths>;

export interface ClientOptions {
  /** The address of the API, without a path. */
  readonly baseUrl: string;
  /** Returns a valid access token of the user; called for every request. */
  readonly accessToken: () => string | Promise<string>;
  /** The global `fetch` unless given. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Creates a client that calls the API as a user. */
export function createClient({ baseUrl, accessToken, fetch }: ClientOptions): ConnectionsClient {
  const client = createFetchClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  client.use(bearer(accessToken));
  return client;
}

function bearer(accessToken: ClientOptions['accessToken']): Middleware {
  return {
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${await accessToken()}`);
      return request;
    },
  };
}
