import { queueWorkers } from '../shared/contract/background/index.ts';
import { type Bus, startBus } from './bus/server.ts';
import { dataFiles, type ProviderMode, tableNameOf } from './data-folder.ts';
import { BUS_NAME, REGION } from './environment.ts';
import { eventTargets, queueHandler, streamSubscribers } from './functions.ts';
import type { IamSettings } from './lambda.ts';
import { type ReceivedNotice, startTopic, type Topic } from './notices/topic.ts';
import { startEventSource } from './queue/event-source.ts';
import { startQueueServer } from './queue/server.ts';
import { startSandbox } from './sandbox/server.ts';
import { type Scheduler, startScheduler } from './schedules.ts';
import { startRelay } from './streams/relay.ts';

// What runs beside the API: the services that call functions without a request of a client, these functions, and the
// providers.

export interface BackgroundOptions {
  readonly dataDir: string;
  readonly providers: ProviderMode;
  /** Folders of providers, later ones overriding. */
  readonly providerFolders: readonly string[];
  readonly iam: IamSettings;
  /** False where scheduled functions run on demand alone. */
  readonly byTheClock: boolean;
  /** Receives the notices that subscribers would be sent. */
  readonly onNotice: (notice: ReceivedNotice) => void;
  /** Receives the errors of work that no request waits for. */
  readonly onError: (where: string, error: unknown) => void;
}

/** The addresses of the servers. */
export interface BackgroundAddresses {
  readonly queuesUrl: string;
  readonly checksQueueUrl: string;
  readonly topicArn: string;
  readonly busUrl: string;
  readonly sandboxUrl: string;
}

export interface FunctionSettings {
  /** The address of the table's engine, where the table exists. */
  readonly engineUrl: string;
  /** The variables that functions read at their first invocation. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The servers that stand in for SQS, SNS, EventBridge and the providers. */
export interface BackgroundServers {
  readonly addresses: BackgroundAddresses;
  startFunctions(settings: FunctionSettings): Promise<BackgroundFunctions>;
  close(): Promise<void>;
}

/** The scheduled functions, and those that queues, the table's stream and the bus invoke. */
export interface BackgroundFunctions extends Pick<Scheduler, 'names' | 'run'> {
  /** Waits until everything is handled that can be delivered now. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Messages of an invocation, each with up to 50 checks, ten at a time. Lambda takes five; here all of them would wait in
 * front of the API's calls at the one table engine, which takes one call at a time and syncs each write to the disk.
 */
const CHECK_BATCH_SIZE = 2;
/** Receives after which SQS moves a message to the dead-letter queue. */
const CHECK_RECEIVES = 5;

/** Starts the servers in this process. */
export async function startBackground(options: BackgroundOptions): Promise<BackgroundServers> {
  const { dataDir, providers, iam, onNotice, onError } = options;
  const files = dataFiles(dataDir, providers);
  const [queues, bus, sandbox] = await Promise.all([
    startQueueServer(REGION),
    startBus({ name: BUS_NAME, dataFile: files.events, targets: await eventTargets(iam), onError }),
    startSandbox({ dataFile: files.sandbox, providerFolders: options.providerFolders }),
  ]);
  const topic = await startTopic({
    url: queues.url,
    region: REGION,
    onNotice,
    onError: (error) => onError('notices', error),
  });
  const checksQueueUrl = await queues.createQueue('checks', CHECK_RECEIVES);
  const addresses = {
    queuesUrl: queues.url,
    checksQueueUrl,
    topicArn: topic.arn,
    busUrl: bus.url,
    sandboxUrl: sandbox.url,
  };
  return {
    addresses,
    startFunctions: (settings) => startFunctions(options, { bus, topic, checksQueueUrl }, settings),
    async close() {
      await bus.close();
      await topic.close();
      await Promise.all([sandbox.close(), queues.close()]);
    },
  };
}

interface EventSources {
  readonly bus: Bus;
  readonly topic: Topic;
  readonly checksQueueUrl: string;
}

async function startFunctions(
  { dataDir, providers, iam, byTheClock, onError }: BackgroundOptions,
  { bus, topic, checksQueueUrl }: EventSources,
  { engineUrl, environment }: FunctionSettings,
): Promise<BackgroundFunctions> {
  Object.assign(process.env, environment);
  const relay = await startRelay({
    tableName: tableNameOf(providers),
    endpoint: engineUrl,
    checkpointFile: dataFiles(dataDir, providers).streamCheckpoint,
    subscribers: await streamSubscribers(iam, onError),
    maySaveCheckpoint: () => bus.delivery.isComplete,
    onError: (error) => onError('stream', error),
  });
  const checks = startEventSource({
    queueUrl: checksQueueUrl,
    ...(await queueHandler({ ...queueWorkers.checkConnections, batchSize: CHECK_BATCH_SIZE }, iam)),
    onError: (error) => onError('queue', error),
  });
  const scheduler = await startScheduler(iam, { byTheClock, onError });
  return {
    names: scheduler.names,
    run: scheduler.run,
    async whenIdle() {
      await checks.drain();
      await relay.drain();
      await bus.delivery.whenIdle();
      await topic.drain();
      // Saves the checkpoint, which waited for the deliveries.
      await relay.drain();
    },
    async close() {
      scheduler.close();
      await checks.close();
      await bus.delivery.whenIdle();
      await relay.close();
    },
  };
}
