import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalBackend, startLocalBackend } from '../../local/backend.ts';
import type { ReceivedNotice } from '../../local/notices/topic.ts';
import { sampleCredentials } from '../../local/sandbox/samples.ts';
import { signedFetch } from '../../local/signed-fetch.ts';
import { USERS } from '../../local/users.ts';
import type { ConnectionView } from '../../shared/contract/http/schemas/connection.ts';
import { assertContract } from './contract.ts';
import { credentialStore } from './credential-store.ts';
import { newExecutionEnvironment } from './execution-environment.ts';
import { type ApiResponse, expectStatus, readResponse } from './response.ts';
import { type ConsentDecision, Sandbox } from './sandbox.ts';
import {
  type ConnectionPage,
  type FlowPage,
  type HistoryPage,
  parseConnection,
  parseConnectionPage,
  parseFlowPage,
  parseHistoryPage,
} from './views.ts';

export type TestUser = 'administrator' | 'member' | 'outsider' | 'anonymous';

/** A request's parts besides its method and path. */
export interface RequestOptions {
  readonly as?: TestUser;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Runs all of local mode in this process, on its own data: one per test file. */
export class TestBackend {
  readonly local: LocalBackend;
  readonly sandbox: Sandbox;
  readonly dataDir: string;
  /** Errors outside of any request, in a schedule or a worker. */
  readonly errors: { readonly where: string; readonly error: unknown }[];
  /** Notices that the topic delivered. */
  readonly notices: ReceivedNotice[];

  constructor(
    local: LocalBackend,
    { dataDir, errors, notices }: Pick<TestBackend, 'dataDir' | 'errors' | 'notices'>,
  ) {
    this.local = local;
    this.dataDir = dataDir;
    this.errors = errors;
    this.notices = notices;
    this.sandbox = new Sandbox(local.session.sandboxUrl);
  }

  /**
   * Starts a backend, on new data unless `dataDir` is given. Its functions make new clients, because another file of this
   * process may have run them.
   */
  static async open(dataDir = mkdtempSync(join(tmpdir(), 'connections-'))): Promise<TestBackend> {
    newExecutionEnvironment();
    const errors: TestBackend['errors'] = [];
    const notices: ReceivedNotice[] = [];
    const local = await startLocalBackend({
      dataDir,
      port: 0,
      byTheClock: false,
      providers: 'sandbox',
      credentialStore: credentialStore(),
      onError: (where, error) => errors.push({ where, error }),
      onNotice: (notice) => notices.push(notice),
    });
    return new TestBackend(local, { dataDir, errors, notices });
  }

  get session(): LocalBackend['session'] {
    return this.local.session;
  }

  /** Resolves once every queue, stream and event in local mode is handled. */
  whenIdle(): Promise<void> {
    return this.local.whenIdle();
  }

  /** Sends a request as a frontend does, as the administrator by default. */
  async request(
    method: string,
    path: string,
    { as = 'administrator', body, headers = {} }: RequestOptions = {},
  ): Promise<ApiResponse> {
    const { apiUrl, tokens } = this.session;
    const sent = fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        ...(as !== 'anonymous' && { authorization: `Bearer ${tokens[as]}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    return this.#read(method, path, await sent);
  }

  /** Sends a request as the flow engine does, signed. */
  async engineRequest(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiResponse> {
    const sent = signedFetch(this.session, method, path, body, headers);
    return this.#read(method, path, await sent);
  }

  /** Follows a browser from the consent page to its return. */
  async returnAddress(authorizationUrl: string, decision?: ConsentDecision): Promise<URL> {
    const callback = await this.sandbox.decide(authorizationUrl, decision);
    const returned = await this.request('GET', `${callback.pathname}${callback.search}`, { as: 'anonymous' });
    expectStatus(302, returned);
    return new URL(returned.headers.get('location') ?? '');
  }

  /** Checks every response of every test against the contract. */
  async #read(method: string, path: string, response: Response): Promise<ApiResponse> {
    const read = await readResponse(response);
    assertContract(method, path, read);
    return read;
  }

  /** Runs a scheduled function at the given time, waits for its effects and returns the run's id. */
  async runSchedule(name: string, at: unknown): Promise<unknown> {
    const response = await fetch(`${this.session.apiUrl}/local/schedules/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ at }),
    });
    const run = await readResponse(response);
    expectStatus(200, run);
    return run.json.id;
  }

  /** Creates a project for one test, with an administrator and a member. */
  async createProject(): Promise<Project> {
    const id = `project-${randomUUID()}`;
    for (const role of ['administrator', 'member'] as const) {
      const path = `/v1/runtime/projects/${id}/members/${USERS[role].id}`;
      expectStatus(204, await this.engineRequest('PUT', path, { role }));
    }
    return new Project(this, id);
  }

  async close(): Promise<void> {
    await this.local.close();
    rmSync(this.dataDir, { recursive: true, force: true });
    if (this.errors.length > 0)
      throw new AggregateError(
        this.errors.map(({ error }) => error),
        'Errors outside of requests',
      );
  }
}

/** Sends the requests of one test's own project. */
export class Project {
  readonly id: string;
  readonly #backend: TestBackend;

  constructor(backend: TestBackend, id: string) {
    this.#backend = backend;
    this.id = id;
  }

  /** Sends a request below the project. */
  request(method: string, path: string, options?: RequestOptions): Promise<ApiResponse> {
    return this.#backend.request(method, `/v1/projects/${this.id}${path}`, options);
  }

  async get(connectionId: string): Promise<ConnectionView> {
    return parseConnection(await this.request('GET', `/connections/${connectionId}`));
  }

  async list(query: Query = {}): Promise<ConnectionPage> {
    return parseConnectionPage(await this.request('GET', `/connections?${new URLSearchParams(query)}`));
  }

  async flows(query: Query = {}): Promise<FlowPage> {
    return parseFlowPage(await this.request('GET', `/flows?${new URLSearchParams(query)}`));
  }

  /** Returns the types of a connection's history entries, newest first. */
  async historyTypes(connectionId: string): Promise<readonly string[]> {
    return (await this.history(connectionId)).items.map(({ type }) => type);
  }

  async history(connectionId: string, query: Query = {}): Promise<HistoryPage> {
    const path = `/connections/${connectionId}/history?${new URLSearchParams(query)}`;
    return parseHistoryPage(await this.request('GET', path));
  }

  /** Links a step to an existing connection. */
  link(
    flowId: string,
    stepId: string,
    { id, view }: Pick<TestConnection, 'id' | 'view'>,
  ): Promise<ApiResponse> {
    const body = { provider: view.provider.id, connectionId: id };
    return this.request('PUT', `/flows/${flowId}/integrations/${stepId}`, { body });
  }

  unlink(flowId: string, stepId: string): Promise<ApiResponse> {
    return this.request('DELETE', `/flows/${flowId}/integrations/${stepId}`);
  }

  /** Revokes the credentials at the provider and checks the connection, which makes it inactive. */
  async revokeAndCheck({ id, acceptedId }: Pick<TestConnection, 'id' | 'acceptedId'>): Promise<void> {
    await this.#backend.sandbox.revoke(acceptedId);
    expectStatus(200, await this.request('POST', `/connections/${id}/check`));
  }

  /**
   * Starts an authorization below a path and consents to it, as the sandbox's next consent decides.
   *
   * @throws Error when the browser is not sent back with a completion code.
   */
  async consent(
    path: string,
    body: Readonly<Record<string, unknown>>,
    decision?: ConsentDecision,
  ): Promise<ReturnedAuthorization> {
    const returnTo = `${this.#backend.session.apiUrl}/returned`;
    const started = await this.request('POST', `${path}/authorize`, { body: { returnTo, ...body } });
    expectStatus(201, started);
    const address = await this.#backend.returnAddress(String(started.json.authorizationUrl), decision);
    const completion = address.searchParams.get('completion');
    if (completion === null)
      throw new Error(`The authorization failed: ${address.searchParams.get('error')}`);
    return { authorizationId: String(address.searchParams.get('authorization')), completion };
  }

  complete({ authorizationId, completion }: ReturnedAuthorization, as?: TestUser): Promise<ApiResponse> {
    const path = `/authorizations/${authorizationId}/complete`;
    return this.request('POST', path, { body: { completion }, ...(as && { as }) });
  }

  /** Connects a step by authorizing its provider; the flow is a new one by default. */
  async authorize(options: AuthorizeOptions = {}): Promise<ConnectionView> {
    const { provider = 'google-calendar', stepId = 'step', name } = options;
    const flowId = options.flowId ?? (await this.createFlow());
    const path = `/flows/${flowId}/integrations/${stepId}`;
    const fields = sampleCredentials(provider);
    const body = { provider, fields, ...(name !== undefined && { name }) };
    const returned = await this.consent(path, body, options.decision);
    const response = await this.complete(returned);
    expectStatus(201, response);
    return parseConnection(response);
  }

  /** Creates a flow and returns its id. */
  async createFlow(id = `flow-${randomUUID()}`): Promise<string> {
    expectStatus(200, await this.request('PUT', `/flows/${id}`, { body: { name: id } }));
    return id;
  }

  /** Connects a step with credentials that its provider accepts; the flow is a new one by default. */
  async connect(options: ConnectOptions = {}): Promise<TestConnection> {
    const { provider = 'trello', name, stepId = 'step', account, expiresAt } = options;
    const flowId = options.flowId ?? (await this.createFlow());
    const accepted = await this.#backend.sandbox.accept(provider, {
      ...(options.credentials && { credentials: options.credentials }),
      ...(account && { account }),
      ...(expiresAt && { expiresAt }),
    });
    const { credentials } = accepted;
    const body = {
      provider,
      credentials,
      ...(name !== undefined && { name }),
      ...(options.enteredExpiresAt && { expiresAt: options.enteredExpiresAt }),
    };
    const response = await this.request('PUT', `/flows/${flowId}/integrations/${stepId}`, { body });
    expectStatus(201, response);
    const view = parseConnection(response);
    return { id: view.id, flowId, stepId, credentials, acceptedId: accepted.id, view };
  }
}

/** An authorization that came back from the provider. */
export interface ReturnedAuthorization {
  readonly authorizationId: string;
  readonly completion: string;
}

export interface AuthorizeOptions {
  readonly provider?: string;
  readonly flowId?: string;
  readonly stepId?: string;
  readonly name?: string;
  readonly decision?: ConsentDecision;
}

export interface ConnectOptions {
  readonly provider?: string;
  readonly name?: string;
  readonly flowId?: string;
  readonly stepId?: string;
  /** Default: made up in the form of the provider's fields. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly account?: { readonly id: string; readonly label: string };
  /** Expiry that the provider reports. */
  readonly expiresAt?: string;
  /** Expiry that the administrator enters. */
  readonly enteredExpiresAt?: string;
}

/** Query parameters. */
export type Query = Readonly<Record<string, string>>;

export interface TestConnection {
  readonly id: string;
  readonly flowId: string;
  readonly stepId: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Identifies the accepted credentials in the sandbox, for `Sandbox.revoke`. */
  readonly acceptedId: string;
  readonly view: ConnectionView;
}
