import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { type Deliveries, startPolling } from '../polling.ts';

/** Handles a batch of records, in order. Where it throws, the batch is delivered again. */
export type Subscriber = (records: readonly StreamRecord[]) => Promise<void>;

interface RelayOptions {
  readonly tableName: string;
  readonly endpoint: string;
  /** The file that keeps the checkpoint: the last handled sequence number of each shard. */
  readonly checkpointFile: string;
  readonly subscribers: readonly Subscriber[];
  /** False while something still depends on records that were handled: until then no checkpoint is saved. */
  readonly maySaveCheckpoint?: () => boolean;
  readonly onError: (error: unknown) => void;
}

type Checkpoint = Readonly<Record<string, string>>;

const POLL_MS = 200;

/** Reads the table's stream as Lambda does, at least once and in order, and passes its records to subscribers. */
export async function startRelay(options: RelayOptions): Promise<Deliveries> {
  const { checkpointFile, maySaveCheckpoint = () => true } = options;
  const client = new DynamoDBStreamsClient({ endpoint: options.endpoint });
  const StreamArn = await streamArnOf(options);
  let unsaved: Checkpoint | undefined;
  const save = () => {
    if (!unsaved || !maySaveCheckpoint()) return;
    writeCheckpoint(checkpointFile, unsaved);
    unsaved = undefined;
  };
  const polling = startPolling(
    async () => {
      save();
      const start = unsaved ?? readCheckpoint(checkpointFile);
      await deliver(client, StreamArn, { start, subscribers: options.subscribers }, (checkpoint) => {
        unsaved = checkpoint;
        save();
      });
    },
    POLL_MS,
    options.onError,
  );
  return {
    drain: () => polling.runNow(),
    async close() {
      await polling.close();
      save();
      client.destroy();
    },
  };
}

async function streamArnOf({ tableName, endpoint }: RelayOptions): Promise<string> {
  const client = new DynamoDBClient({ endpoint });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  client.destroy();
  if (!Table?.LatestStreamArn) throw new Error(`The table ${tableName} has no stream.`);
  return Table.LatestStreamArn;
}

async function deliver(
  client: DynamoDBStreamsClient,
  StreamArn: string,
  { start, subscribers }: { readonly start: Checkpoint; readonly subscribers: readonly Subscriber[] },
  onHandled: (checkpoint: Checkpoint) => void,
): Promise<void> {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  let checkpoint = start;
  for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
    let iterator = await iteratorAfter(client, { StreamArn, ShardId, after: checkpoint[ShardId] });
    while (iterator) {
      const { Records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      const last = Records.at(-1)?.dynamodb?.SequenceNumber;
      if (last === undefined) break;
      for (const subscriber of subscribers) await subscriber(Records);
      checkpoint = { ...checkpoint, [ShardId]: last };
      onHandled(checkpoint);
      iterator = NextShardIterator;
    }
  }
}

async function iteratorAfter(
  client: DynamoDBStreamsClient,
  { StreamArn, ShardId, after }: { StreamArn: string; ShardId: string; after: string | undefined },
): Promise<string | undefined> {
  const position = after
    ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: after }
    : { ShardIteratorType: 'TRIM_HORIZON' as const };
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ...position }),
  );
  return ShardIterator;
}

function readCheckpoint(file: string): Checkpoint {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(Object.entries(read ?? {}).map(([shard, last]) => [shard, String(last)]));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Writes to another file and renames it, so that a crash leaves the old checkpoint or the new one. */
function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  writeFileSync(`${file}.new`, JSON.stringify(checkpoint));
  renameSync(`${file}.new`, file);
}
