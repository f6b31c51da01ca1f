import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
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
  const shards = new OpenShards(client, StreamArn);
  let checkpoint = readCheckpoint(checkpointFile);
  let isSaved = true;
  const save = () => {
    if (isSaved || !maySaveCheckpoint()) return;
    writeCheckpoint(checkpointFile, checkpoint);
    isSaved = true;
  };
  const polling = startPolling(
    async () => {
      save();
      for await (const { shardId, records, last } of shards.read(checkpoint)) {
        for (const subscriber of options.subscribers) await subscriber(records);
        checkpoint = { ...checkpoint, [shardId]: last };
        isSaved = false;
        save();
      }
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

/** The records of one read. */
interface Batch {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  /** The sequence number of the last one. */
  readonly last: string;
}

/** The shards of a stream, each with the iterator at which its next read starts, so that a poll is one call. */
class OpenShards {
  readonly #client: DynamoDBStreamsClient;
  readonly #streamArn: string;
  #iterators: ReadonlyMap<string, string> = new Map();

  constructor(client: DynamoDBStreamsClient, streamArn: string) {
    this.#client = client;
    this.#streamArn = streamArn;
  }

  /**
   * Yields the records after the checkpoint, shard by shard. Finds the shards again after one has ended, and where the last
   * read failed or its records were not handled.
   */
  async *read(checkpoint: Checkpoint): AsyncGenerator<Batch> {
    const iterators = this.#iterators.size > 0 ? this.#iterators : await this.#open(checkpoint);
    this.#iterators = new Map();
    const next = new Map<string, string>();
    let ended = false;
    for (const [shardId, start] of iterators) {
      let iterator: string | undefined = start;
      while (iterator) {
        const { Records: records = [], NextShardIterator }: GetRecordsCommandOutput = await this.#client.send(
          new GetRecordsCommand({ ShardIterator: iterator }),
        );
        iterator = NextShardIterator;
        const last = records.at(-1)?.dynamodb?.SequenceNumber;
        if (last === undefined) break;
        yield { shardId, records, last };
      }
      if (iterator) next.set(shardId, iterator);
      else ended = true;
    }
    if (!ended) this.#iterators = next;
  }

  async #open(checkpoint: Checkpoint): Promise<ReadonlyMap<string, string>> {
    const StreamArn = this.#streamArn;
    const { StreamDescription } = await this.#client.send(new DescribeStreamCommand({ StreamArn }));
    const iterators = new Map<string, string>();
    for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
      const after = checkpoint[ShardId];
      const iterator = await iteratorAfter(this.#client, { StreamArn, ShardId, after });
      if (iterator) iterators.set(ShardId, iterator);
    }
    return iterators;
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
