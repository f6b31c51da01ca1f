import {
  type Checked,
  type Connection,
  type ConnectionPage,
  type ConnectionsClient,
  type Flow,
  type FlowPage,
  type HistoryPage,
  type Provider,
  requireData,
  type StartedAuthorization,
} from '../client/index.ts';

/** The API's bound on the characters of a name. */
export const NAME_LIMIT = 128;

export type Role = 'administrator' | 'member';
export type Status = Connection['status'];
export type SortKey = 'name' | 'connectedAt';
export type SortOrder = 'asc' | 'desc';

export interface ConnectionQuery {
  readonly status?: Status | undefined;
  readonly q?: string | undefined;
  readonly expiring?: 'true' | undefined;
  readonly provider?: string | undefined;
  readonly sort?: SortKey | undefined;
  readonly order?: SortOrder | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The step of a flow that a new connection is made for. */
export interface Step {
  readonly flowId: string;
  readonly stepId: string;
}

/** Returns the properties that have a value, since the API refuses empty parameters. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined | ''> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined | ''> };
}

/** The largest page of the API. */
const PAGE_LIMIT = 100;

/**
 * The API of one project. Every method throws ProblemError where the API refuses, and TypeError where the network
 * fails.
 */
export class ProjectApi {
  #providers: Promise<readonly Provider[]> | undefined;
  readonly #client: ConnectionsClient;
  readonly projectId: string;

  constructor(client: ConnectionsClient, projectId: string) {
    this.#client = client;
    this.projectId = projectId;
  }

  /** Returns the user's role; undefined where the user is no member of the project. */
  async role(signal?: AbortSignal): Promise<Role | undefined> {
    const { items } = await requireData(this.#client.GET('/v1/projects', { ...present({ signal }) }));
    return items.find(({ projectId }) => projectId === this.projectId)?.role;
  }

  connections(query: ConnectionQuery, signal?: AbortSignal): Promise<ConnectionPage> {
    const params = { path: this.#project, query: present(query) };
    return requireData(
      this.#client.GET('/v1/projects/{projectId}/connections', { params, ...present({ signal }) }),
    );
  }

  connection(connectionId: string, signal?: AbortSignal): Promise<Connection> {
    const params = { path: { ...this.#project, connectionId } };
    return requireData(
      this.#client.GET('/v1/projects/{projectId}/connections/{connectionId}', {
        params,
        ...present({ signal }),
      }),
    );
  }

  rename(connectionId: string, name: string): Promise<Connection> {
    const params = { path: { ...this.#project, connectionId } };
    return requireData(
      this.#client.PATCH('/v1/projects/{projectId}/connections/{connectionId}', { params, body: { name } }),
    );
  }

  check(connectionId: string): Promise<Checked> {
    const params = { path: { ...this.#project, connectionId } };
    return requireData(
      this.#client.POST('/v1/projects/{projectId}/connections/{connectionId}/check', { params }),
    );
  }

  history(connectionId: string, cursor?: string, signal?: AbortSignal): Promise<HistoryPage> {
    const params = { path: { ...this.#project, connectionId }, query: present({ cursor, limit: 20 }) };
    return requireData(
      this.#client.GET('/v1/projects/{projectId}/connections/{connectionId}/history', {
        params,
        ...present({ signal }),
      }),
    );
  }

  flows(
    query: {
      readonly connectionId?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number;
    },
    signal?: AbortSignal,
  ): Promise<FlowPage> {
    const params = { path: this.#project, query: present(query) };
    return requireData(
      this.#client.GET('/v1/projects/{projectId}/flows', { params, ...present({ signal }) }),
    );
  }

  /** Returns a flow, by following the list; undefined where the project has none of that id. */
  async flow(flowId: string, signal?: AbortSignal): Promise<Flow | undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.flows({ limit: PAGE_LIMIT, cursor }, signal);
      const found = page.items.find(({ id }) => id === flowId);
      if (found) return found;
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return undefined;
  }

  saveFlow(flowId: string, name: string): Promise<Flow> {
    const params = { path: { ...this.#project, flowId } };
    return requireData(
      this.#client.PUT('/v1/projects/{projectId}/flows/{flowId}', { params, body: { name } }),
    );
  }

  async removeFlow(flowId: string): Promise<void> {
    const params = { path: { ...this.#project, flowId } };
    await requireData(this.#client.DELETE('/v1/projects/{projectId}/flows/{flowId}', { params }));
  }

  /** The whole catalog, by name; loaded once. */
  providers(): Promise<readonly Provider[]> {
    this.#providers ??= this.#allProviders().catch((error: unknown) => {
      this.#providers = undefined;
      throw error;
    });
    return this.#providers;
  }

  async #allProviders(): Promise<readonly Provider[]> {
    const all: Provider[] = [];
    let cursor: string | undefined;
    do {
      const query = present({ limit: PAGE_LIMIT, cursor });
      const page = await requireData(this.#client.GET('/v1/providers', { params: { query } }));
      all.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return all;
  }

  provider(provider: string): Promise<Provider> {
    return requireData(this.#client.GET('/v1/providers/{provider}', { params: { path: { provider } } }));
  }

  reconnect(
    connectionId: string,
    body: { credentials: Record<string, string>; allowAccountChange?: boolean },
  ): Promise<Connection> {
    const params = { path: { ...this.#project, connectionId } };
    return requireData(
      this.#client.POST('/v1/projects/{projectId}/connections/{connectionId}/reconnect', { params, body }),
    );
  }

  /** Makes a connection for a step with new credentials, or links the step to an existing connection. */
  configure(
    { flowId, stepId }: Step,
    body: { provider: string; name?: string } & (
      | { credentials: Record<string, string> }
      | { connectionId: string }
    ),
  ): Promise<Connection> {
    const params = { path: { ...this.#project, flowId, stepId } };
    return requireData(
      this.#client.PUT('/v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}', { params, body }),
    );
  }

  async removeIntegration({ flowId, stepId }: Step): Promise<void> {
    const params = { path: { ...this.#project, flowId, stepId } };
    await requireData(
      this.#client.DELETE('/v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}', { params }),
    );
  }

  authorizeConnection(
    connectionId: string,
    body: { returnTo: string; fields?: Record<string, string>; allowAccountChange?: boolean },
  ): Promise<StartedAuthorization> {
    const params = { path: { ...this.#project, connectionId } };
    return requireData(
      this.#client.POST('/v1/projects/{projectId}/connections/{connectionId}/authorize', { params, body }),
    );
  }

  authorizeIntegration(
    { flowId, stepId }: Step,
    body: { provider: string; returnTo: string; name?: string; fields?: Record<string, string> },
  ): Promise<StartedAuthorization> {
    const params = { path: { ...this.#project, flowId, stepId } };
    return requireData(
      this.#client.POST('/v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}/authorize', {
        params,
        body,
      }),
    );
  }

  completeAuthorization(authorizationId: string, completion: string): Promise<Connection> {
    const params = { path: { ...this.#project, authorizationId } };
    return requireData(
      this.#client.POST('/v1/projects/{projectId}/authorizations/{authorizationId}/complete', {
        params,
        body: { completion },
      }),
    );
  }

  get #project(): { projectId: string } {
    return { projectId: this.projectId };
  }
}
