import { rmSync } from 'node:fs';
import { DEFAULT_SCOPE } from '../shared/contract/console.ts';
import { buildConsole, CONSOLE_FILES } from '../web/build.ts';
import { type ApiGateway, type ApiGatewayOptions, startApiGateway } from './api-gateway/server.ts';
import { type Background, type BackgroundOptions, startBackground } from './background.ts';
import { serveConsole } from './console/server.ts';
import { dataFiles, flowEngineKey, openDataFolder } from './data-folder.ts';
import { REGION } from './environment.ts';
import { apiRoutes, eventTargets, streamSubscribers } from './functions.ts';
import { CONSOLE_CLIENT } from './issuer/server.ts';
import type { IamSettings } from './lambda.ts';
import { serveLocalRoute } from './local-routes.ts';
import { createPlatformSecrets } from './platform-secrets.ts';
import type { Deliveries } from './polling.ts';
import type { Session } from './session.ts';
import {
  CONSOLE_ORIGINS,
  type StandInOptions,
  type StandIns,
  setEnvironment,
  startStandIns,
} from './stand-ins.ts';
import { startRelay } from './streams/relay.ts';
import { createTable } from './table/create.ts';
import { indexStreamRecords } from './table/stream-order.ts';
import { DEMO_PROJECT, USERS } from './users.ts';

export interface LocalBackendOptions extends StandInOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** False where scheduled functions run on demand alone, as in tests; true unless given. */
  readonly byTheClock?: boolean;
  /** Starts scheduled functions and the workers of queues; in this process unless given. */
  readonly startBackground?: (options: BackgroundOptions) => Promise<Background>;
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
  const { dataDir, onError } = options;
  openDataFolder(dataDir);
  const iam = flowEngineIdentity(dataDir);
  const standIns = await startStandIns(options, await eventTargets(iam));
  setEnvironment(standIns, iam, options);
  await openTable(standIns, options);
  // Against the real services, an operator puts their own OAuth clients.
  await createPlatformSecrets(
    standIns.secrets.url,
    options.providers === 'real' ? [] : standIns.oauthClients,
  );
  const relay = await startStreamRelay(standIns, iam, options);
  const whenIdle = async () => {
    await background.drain();
    await relay.drain();
    await standIns.bus.delivery.whenIdle();
    await standIns.topic.drain();
    // Saves the checkpoint, which waited for the deliveries.
    await relay.drain();
  };
  const serveFile = serveConsole({
    folder: CONSOLE_FILES,
    build: buildConsole,
    config: () => ({
      apiUrl: api.url,
      issuer: standIns.issuer.issuer,
      clientId: CONSOLE_CLIENT,
      scope: DEFAULT_SCOPE,
    }),
  });
  const api: ApiGateway = await startApi(
    options,
    standIns,
    iam,
    async (request, response) =>
      (await serveLocalRoute(request, response, { bus: standIns.bus, scheduler: background, whenIdle })) ||
      (await serveFile(request, response)),
  );
  await standIns.issuer.addConsoleOrigin(api.url);
  Object.assign(process.env, {
    API_URL: api.url,
    CONSOLE_URL: api.url,
    RETURN_ORIGINS: [api.url, ...CONSOLE_ORIGINS].join(','),
  });
  const { byTheClock = true, startBackground: start = startBackground } = options;
  const { checksQueueUrl } = standIns;
  const background: Background = await start({ iam, checksQueueUrl, byTheClock, onError });
  return {
    session: await sessionOf(api, standIns, iam),
    whenIdle,
    async close() {
      await api.close();
      await background.close();
      await standIns.bus.delivery.whenIdle();
      await relay.close();
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

async function startStreamRelay(
  { tableName, engine, bus }: StandIns,
  iam: IamSettings,
  { dataDir, providers, onError }: LocalBackendOptions,
): Promise<Deliveries> {
  return startRelay({
    tableName,
    endpoint: engine.url,
    checkpointFile: dataFiles(dataDir, providers).streamCheckpoint,
    subscribers: await streamSubscribers(iam, onError),
    maySaveCheckpoint: () => bus.delivery.isComplete,
    onError: (error) => onError('stream', error),
  });
}

async function startApi(
  { port, onError }: LocalBackendOptions,
  { issuer, audience }: StandIns,
  iam: IamSettings,
  localRoutes: Required<ApiGatewayOptions>['localRoutes'],
): Promise<ApiGateway> {
  return startApiGateway({
    routes: await apiRoutes(),
    port,
    allowedOrigins: CONSOLE_ORIGINS,
    jwt: { issuer: issuer.issuer, audience, jwksUrl: issuer.jwksUrl },
    iam,
    localRoutes,
    onFailure: onError,
  });
}

async function sessionOf(api: ApiGateway, standIns: StandIns, iam: IamSettings): Promise<Session> {
  const { issuer, sandbox, secrets, engine, tableName } = standIns;
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
    sandboxUrl: sandbox.url,
    dynamodbUrl: engine.url,
    tableName,
    secretsManagerUrl: secrets.url,
    pid: process.pid,
  };
}
