import { rmSync } from 'node:fs';
import { BUILT_IN_PROVIDERS } from '../shared/catalog/compile.ts';
import { DEFAULT_SCOPE } from '../shared/contract/console.ts';
import type { CredentialStoreName } from '../shared/domain/terms.ts';
import { buildConsole, CONSOLE_FILES } from '../web/build.ts';
import { type ApiGateway, type ApiGatewayOptions, startApiGateway } from './api-gateway/server.ts';
import {
  type BackgroundAddresses,
  type BackgroundFunctions,
  type BackgroundOptions,
  type BackgroundServers,
  startBackground,
} from './background.ts';
import { readEvents } from './bus/server.ts';
import { serveConsole } from './console/server.ts';
import { dataFiles, flowEngineKey, openDataFolder, type ProviderMode } from './data-folder.ts';
import { REGION } from './environment.ts';
import { apiRoutes } from './functions.ts';
import { CONSOLE_CLIENT } from './issuer/server.ts';
import type { IamSettings } from './lambda.ts';
import { serveLocalRoute } from './local-routes.ts';
import type { ReceivedNotice } from './notices/topic.ts';
import { createPlatformSecrets } from './platform-secrets.ts';
import type { Session } from './session.ts';
import { CONSOLE_ORIGINS, functionEnvironment, type StandIns, startStandIns } from './stand-ins.ts';
import { createTable } from './table/create.ts';
import { indexStreamRecords } from './table/stream-order.ts';
import { DEMO_PROJECT, USERS } from './users.ts';

export interface LocalBackendOptions {
  readonly dataDir: string;
  readonly providers: ProviderMode;
  /** Folder of the operator's own providers; undefined for none. */
  readonly providersFolder?: string | undefined;
  /** The store of new connections' credentials. */
  readonly credentialStore: CredentialStoreName;
  /** 0 takes a free one. */
  readonly port: number;
  /** False where scheduled functions run on demand alone, as in tests; true unless given. */
  readonly byTheClock?: boolean;
  /** Starts what runs beside the API; in this process unless given. */
  readonly startBackground?: (options: BackgroundOptions) => Promise<BackgroundServers>;
  /** Receives the notices that subscribers would be sent. */
  readonly onNotice: (notice: ReceivedNotice) => void;
  /** Receives the errors of work that no request waits for. */
  readonly onError: (where: string, error: unknown) => void;
}

/** The whole backend on loopback, as it runs on AWS but with stand-ins at its endpoints. */
export interface LocalBackend {
  readonly session: Session;
  /** Waits until all work that requests and scheduled functions caused by now is complete. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the backend.
 *
 * @throws Error where another version of the project wrote the data, the table's engine is missing or the port is taken.
 */
export async function startLocalBackend(options: LocalBackendOptions): Promise<LocalBackend> {
  const { dataDir, providers, providersFolder, byTheClock = true, onError, onNotice } = options;
  openDataFolder(dataDir);
  const iam = flowEngineIdentity(dataDir);
  const providerFolders = [BUILT_IN_PROVIDERS, ...(providersFolder === undefined ? [] : [providersFolder])];
  const { startBackground: start = startBackground } = options;
  const [standIns, servers] = await Promise.all([
    startStandIns({ dataDir, providers, providerFolders }),
    start({ dataDir, providers, providerFolders, iam, byTheClock, onNotice, onError }),
  ]);
  const { addresses } = servers;
  Object.assign(process.env, functionEnvironment(standIns, addresses, iam, options));
  await openTable(standIns, options);
  // Against the real services, an operator puts their own OAuth clients.
  await createPlatformSecrets(standIns.secrets.url, providers === 'real' ? [] : standIns.oauthClients);
  const api = await startApi(options, standIns, iam, () => background);
  await standIns.issuer.addConsoleOrigin(api.url);
  const apiEnvironment = {
    API_URL: api.url,
    CONSOLE_URL: api.url,
    RETURN_ORIGINS: [api.url, ...CONSOLE_ORIGINS].join(','),
  };
  Object.assign(process.env, apiEnvironment);
  const background: BackgroundFunctions = await servers.startFunctions({
    engineUrl: standIns.engine.url,
    environment: { ...functionEnvironment(standIns, addresses, iam, options), ...apiEnvironment },
  });
  return {
    session: await sessionOf(api, standIns, addresses, iam),
    whenIdle: () => background.whenIdle(),
    async close() {
      await api.close();
      await background.close();
      await servers.close();
      await standIns.close();
    },
  };
}

function flowEngineIdentity(dataDir: string): IamSettings {
  const userArn = 'arn:aws:iam::000000000000:user/flow-engine';
  return { ...flowEngineKey(dataDir), region: REGION, userArn };
}

async function openTable(
  { tableName, engine }: StandIns,
  { dataDir, providers }: LocalBackendOptions,
): Promise<void> {
  const files = dataFiles(dataDir, providers);
  const isNew = await createTable(tableName, engine.url);
  // An engine of DYNAMODB_ENDPOINT may have lost its tables while the data folder stayed.
  if (isNew) rmSync(files.demoFilled, { force: true });
  indexStreamRecords(files.table);
}

async function startApi(
  { port, dataDir, providers, onError }: LocalBackendOptions,
  { issuer, audience }: StandIns,
  iam: IamSettings,
  background: () => BackgroundFunctions,
): Promise<ApiGateway> {
  const serveFile = serveConsole({
    folder: CONSOLE_FILES,
    build: buildConsole,
    config: () => ({
      apiUrl: api.url,
      issuer: issuer.issuer,
      clientId: CONSOLE_CLIENT,
      scope: DEFAULT_SCOPE,
    }),
  });
  const events = () => readEvents(dataFiles(dataDir, providers).events);
  const localRoutes: Required<ApiGatewayOptions>['localRoutes'] = async (request, response) =>
    (await serveLocalRoute(request, response, { events, background })) ||
    (await serveFile(request, response));
  const api: ApiGateway = await startApiGateway({
    routes: await apiRoutes(),
    port,
    allowedOrigins: CONSOLE_ORIGINS,
    jwt: { issuer: issuer.issuer, audience, jwksUrl: issuer.jwksUrl },
    iam,
    localRoutes,
    onFailure: onError,
  });
  return api;
}

async function sessionOf(
  api: ApiGateway,
  { issuer, secrets, engine, tableName }: StandIns,
  { sandboxUrl }: BackgroundAddresses,
  iam: IamSettings,
): Promise<Session> {
  const { region, accessKeyId, secretAccessKey } = iam;
  const [administrator, member, outsider] = await Promise.all([
    issuer.mintToken(USERS.administrator.id),
    issuer.mintToken(USERS.member.id),
    issuer.mintToken(USERS.outsider.id),
  ]);
  return {
    apiUrl: api.url,
    consoleUrl: api.url,
    projectId: DEMO_PROJECT,
    tokens: { administrator, member, outsider },
    runtime: { accessKeyId, secretAccessKey, region, service: 'execute-api' },
    sandboxUrl,
    dynamodbUrl: engine.url,
    tableName,
    secretsManagerUrl: secrets.url,
    pid: process.pid,
  };
}
