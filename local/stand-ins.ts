import { join } from 'node:path';
import { type Bus, startBus } from './bus/server.ts';
import { dataFiles } from './data-files.ts';
import { type Issuer, startIssuer } from './issuer/server.ts';
import { type ReceivedNotice, startTopic, type Topic } from './notices/topic.ts';
import { type QueueServer, startQueueServer } from './queue/server.ts';
import { type Sandbox, startSandbox } from './sandbox/server.ts';
import { startSecretsManager } from './secrets-manager/server.ts';
import { type Engine, startEngine } from './table/engine.ts';
import { REGION, tablePlace } from './table/place.ts';
import { USERS } from './users.ts';

/** What plays the services that AWS, or a third party, runs. */
export interface StandIns {
  readonly tableName: string;
  readonly audience: string;
  readonly engine: Engine;
  readonly secrets: Awaited<ReturnType<typeof startSecretsManager>>;
  readonly queues: QueueServer;
  readonly checksQueueUrl: string;
  readonly bus: Bus;
  readonly topic: Topic;
  readonly sandbox: Sandbox;
  readonly issuer: Issuer;
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly dataDir: string;
  /** Whether providers are played by the sandbox, or called for real. */
  readonly providers: 'sandbox' | 'real';
  /** Told what people are told. */
  readonly onNotice: (notice: ReceivedNotice) => void;
  /** Told of faults of what runs without a request. */
  readonly onError: (where: string, error: unknown) => void;
}

const AUDIENCE = 'connections-api';

/**
 * Starts the stand-ins. Each kind of providers has data of its own, so that demo credentials
 * are never sent to a real service.
 */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { dataDir, providers, onNotice, onError } = options;
  const files = dataFiles(dataDir, providers);
  const { dataFile, tableName } = tablePlace(dataDir, providers);
  const [engine, secrets, queues, bus, sandbox, issuer] = await Promise.all([
    startEngine({ dataFile }),
    startSecretsManager({ dataFile: files.secrets }),
    startQueueServer(REGION),
    startBus({ name: 'connections', dataFile: files.events, onError }),
    startSandbox({ dataFile: files.sandbox }),
    startIssuer({
      dataFile: join(dataDir, 'issuer.json'),
      audience: AUDIENCE,
      users: Object.values(USERS),
    }),
  ]);
  const topic = await startTopic({
    url: queues.url,
    region: REGION,
    onNotice,
    onError: (error) => onError('notices', error),
  });
  return {
    tableName,
    audience: AUDIENCE,
    engine,
    secrets,
    queues,
    checksQueueUrl: await queues.createQueue('checks', 5),
    bus,
    topic,
    sandbox,
    issuer,
    async close() {
      // An event that is being delivered still needs the table and the topic.
      await bus.close();
      await topic.close();
      await Promise.all([issuer.close(), sandbox.close(), queues.close(), secrets.close(), engine.close()]);
    },
  };
}
