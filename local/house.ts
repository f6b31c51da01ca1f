import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { queueWorkers } from '../shared/contract/background/index.ts';
import type { IamSettings } from './api-gateway/iam-authorizer.ts';
import { type ApiGateway, startApiGateway } from './api-gateway/server.ts';
import { answerEvents } from './bus/answer.ts';
import { eventTargets } from './bus/targets.ts';
import { engineKey } from './engine-key.ts';
import { setEnvironment } from './environment.ts';
import { mountRoutes } from './mount.ts';
import { startEventSource } from './queue/event-source.ts';
import { queueHandler } from './queue/handler.ts';
import { answerScheduleRun, type Scheduler, startScheduler } from './schedules.ts';
import type { Session } from './session.ts';
import { type StandInOptions, type StandIns, startStandIns } from './stand-ins.ts';
import { type Relay, startRelay } from './streams/relay.ts';
import { streamSubscribers } from './streams/subscribers.ts';
import { createTable } from './table/create.ts';
import { REGION, tablePlace } from './table/place.ts';
import { indexStreamRecords } from './table/stream-order.ts';
import { DEMO_PROJECT, USERS } from './users.ts';

export interface HouseOptions extends StandInOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** False where scheduled functions run on demand alone, as tests want it; by the clock when left out. */
  readonly byTheClock?: boolean;
}

/** The whole backend on loopback, as it runs on AWS but for the stand-ins behind the endpoints. */
export interface House {
  readonly session: Session;
  readonly schedules: readonly string[];
  /** Waits until what was set off has reached the functions that follow it, and they are done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { dataDir, providers, onError } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const iam = engineIdentity(dataDir);
  const standIns = await startStandIns(options);
  setEnvironment(standIns, iam, providers);
  await createTable(standIns.tableName, standIns.engine.url);
  indexStreamRecords(tablePlace(dataDir, providers).dataFile);
  standIns.bus.deliverTo(await eventTargets(iam));
  const relay = await startRelay({
    tableName: standIns.tableName,
    endpoint: standIns.engine.url,
    checkpointFile: join(dataDir, `${providers}-stream.json`),
    subscribers: await streamSubscribers(iam, onError),
    onError: (error) => onError('stream', error),
  });
  const checks = startEventSource({
    queueUrl: standIns.checksQueueUrl,
    ...(await queueHandler(queueWorkers.checkConnections, iam)),
    onError: (error) => onError('queue', error),
  });
  const scheduler = await startScheduler(iam, { byTheClock: options.byTheClock ?? true, onError });
  const settled = async () => {
    await checks.drain();
    await relay.drain();
    await standIns.bus.drain();
    await standIns.topic.drain();
  };
  const api = await startApi(options, { standIns, iam, scheduler, settled });
  return {
    session: await sessionOf(api, standIns, iam),
    schedules: scheduler.names,
    settled,
    async close() {
      scheduler.close();
      await api.close();
      await checks.close();
      await relay.close();
      await standIns.close();
    },
  };
}

function engineIdentity(dataDir: string): IamSettings {
  const key = engineKey(join(dataDir, 'engine-key.json'));
  return { ...key, region: REGION, userArn: 'arn:aws:iam::000000000000:user/flow-engine' };
}

interface Behind {
  readonly standIns: StandIns;
  readonly iam: IamSettings;
  readonly scheduler: Scheduler;
  readonly settled: Relay['drain'];
}

async function startApi({ port, onError }: HouseOptions, behind: Behind): Promise<ApiGateway> {
  const { issuer, audience } = behind.standIns;
  return startApiGateway({
    routes: await mountRoutes(),
    port,
    allowedOrigins: ['http://localhost:5173', 'http://127.0.0.1:5173'],
    jwt: { issuer: issuer.issuer, audience, jwksUrl: issuer.jwksUrl },
    iam: behind.iam,
    localRoutes: async (request, response) => {
      if (request.method === 'GET' && request.url === '/local/events') {
        answerEvents(response, behind.standIns.bus);
        return true;
      }
      if (request.method !== 'POST' || !request.url?.startsWith('/local/schedules/')) return false;
      await answerScheduleRun(request, response, behind);
      return true;
    },
    onFailure: ({ routeKey, error }) => onError(routeKey, error),
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
    consoleUrl: null,
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
