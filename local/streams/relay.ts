import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';

/** Takes a batch of records, in order; what it throws has the batch delivered again. */
export type Subscriber = (records: readonly StreamRecord[]) => Promise<void>;

export interface Relay {
  /** Delivers all that the table has recorded by now. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

const POLL_MS = 200;

interface RelayOptions {
  readonly tableName: string;
  readonly endpoint: string;
  /** Where the place in the stream is kept, so that nothing is missed over a restart. */
  readonly checkpointFile: string;
  readonly subscribers: readonly Subscriber[];
  readonly onError: (error: unknown) => void;
}

/** Reads the table's stream as Lambda does, at least once and in order, and hands it to the subscribers. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const client = new DynamoDBStreamsClient({ endpoint: options.endpoint });
  const StreamArn = await streamOf(options);
  let running: Promise<void> | undefined;
  let closed = false;
  const drain = () => {
    running ??= deliver(client, StreamArn, options).finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => {
    if (!closed) drain().catch(options.onError);
  }, POLL_MS);
  return {
    async drain() {
      await Promise.allSettled([running]);
      await drain();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.allSettled([running]);
      client.destroy();
    },
  };
}

async function streamOf({ tableName, endpoint }: RelayOptions): Promise<string> {
  const client = new DynamoDBClient({ endpoint });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  client.destroy();
  if (!Table?.LatestStreamArn) throw new Error(`The table ${tableName} has no stream.`);
  return Table.LatestStreamArn;
}

async function deliver(
  client: DynamoDBStreamsClient,
  StreamArn: string,
  options: RelayOptions,
): Promise<void> {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const checkpoints = readCheckpoints(options.checkpointFile);
  for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
    let iterator = await iteratorAfter(client, { StreamArn, ShardId, after: checkpoints[ShardId] });
    while (iterator) {
      const { Records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      const last = Records.at(-1)?.dynamodb?.SequenceNumber;
      if (last === undefined) break;
      for (const subscriber of options.subscribers) await subscriber(Records);
      checkpoints[ShardId] = last;
      writeCheckpoints(options.checkpointFile, checkpoints);
      iterator = NextShardIterator;
    }
  }
}

async function iteratorAfter(
  client: DynamoDBStreamsClient,
  { StreamArn, ShardId, after }: { StreamArn: string; ShardId: string; after: string | undefined },
): Promise<string | undefined> {
  const place = after
    ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: after }
    : { ShardIteratorType: 'TRIM_HORIZON' as const };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...place }));
  return ShardIterator;
}

function readCheckpoints(file: string): Record<string, string> {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(Object.entries(read ?? {}).map(([shard, place]) => [shard, String(place)]));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Written aside and moved into place, so that a crash leaves the old file or the new one. */
function writeCheckpoints(file: string, checkpoints: Record<string, string>): void {
  writeFileSync(`${file}.new`, JSON.stringify(checkpoints));
  renameSync(`${file}.new`, file);
}
