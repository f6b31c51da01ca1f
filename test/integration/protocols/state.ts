import {
  GetSecretValueCommand,
  InvalidRequestException,
  ListSecretsCommand,
  ResourceNotFoundException,
  type SecretsManager,
} from '@aws-sdk/client-secrets-manager';
import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import {
  connectionItem,
  countsItem,
  flowItem,
  historyItem,
} from '../../../shared/adapters/aws/table/items.ts';

const key = z.object({ pk: z.string(), sk: z.string() });
const keyed = z.looseObject(key.shape);

export type Entry = z.output<typeof historyItem>;

/** A secret, with what each of its versions is labelled. */
export interface Secret {
  readonly connectionId: string;
  readonly scheduledForDeletion: boolean;
  readonly stages: Readonly<Record<string, readonly string[]>>;
}

/** A connection as the table holds it. */
export interface Kept {
  readonly id: string;
  readonly projectId: string;
  readonly item: z.output<typeof connectionItem>;
  /** Every attribute, also those that only indexes use. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Everything there is, read past the code under test. */
export interface State {
  readonly connections: readonly Kept[];
  readonly intents: readonly string[];
  /** Flows by project and id. */
  readonly flows: ReadonlySet<string>;
  readonly steps: readonly {
    readonly flow: string;
    readonly stepId: string;
    readonly connectionId: string;
  }[];
  readonly uses: readonly { readonly connectionId: string; readonly flowId: string }[];
  readonly counts: ReadonlyMap<string, z.output<typeof countsItem>>;
  /** By connection, oldest first. */
  readonly history: ReadonlyMap<string, readonly Entry[]>;
  readonly secrets: readonly Secret[];
  /** Keys of items that are none of these. */
  readonly others: readonly string[];
}

export interface Place {
  readonly table: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly secrets: SecretsManager;
  readonly secretsPrefix: string;
}

/** Reads the whole table and all secrets. */
export async function readState(place: Place): Promise<State> {
  const [items, secrets] = await Promise.all([scan(place), listSecrets(place)]);
  return { ...sorted(items), secrets };
}

/** The fields in one version of a secret; undefined where Secrets Manager has no such version to give. */
export async function readVersion(
  place: Place,
  connectionId: string,
  VersionId: string,
): Promise<string | undefined> {
  try {
    const SecretId = place.secretsPrefix + connectionId;
    return (await place.secrets.send(new GetSecretValueCommand({ SecretId, VersionId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException || error instanceof InvalidRequestException)
      return undefined;
    throw error;
  }
}

async function scan({ table, tableName }: Place): Promise<unknown[]> {
  const items: unknown[] = [];
  const pages = paginateScan({ client: table }, { TableName: tableName, ConsistentRead: true });
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

async function listSecrets(place: Place): Promise<Secret[]> {
  const Filters = [{ Key: 'name' as const, Values: [place.secretsPrefix] }];
  const secrets: Secret[] = [];
  let NextToken: string | undefined;
  do {
    const page = await place.secrets.send(
      new ListSecretsCommand({ Filters, IncludePlannedDeletion: true, NextToken }),
    );
    for (const { Name = '', DeletedDate, SecretVersionsToStages = {} } of page.SecretList ?? []) {
      secrets.push({
        connectionId: Name.slice(place.secretsPrefix.length),
        scheduledForDeletion: DeletedDate !== undefined,
        stages: SecretVersionsToStages,
      });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return secrets;
}

/** Sorts the items by what their keys say they are; each is read by the schema that it was written for. */
function sorted(items: readonly unknown[]): Omit<State, 'secrets'> {
  const connections: Kept[] = [];
  const intents: string[] = [];
  const flows = new Set<string>();
  const steps: { flow: string; stepId: string; connectionId: string }[] = [];
  const uses: { connectionId: string; flowId: string }[] = [];
  const counts = new Map<string, z.output<typeof countsItem>>();
  const history = new Map<string, Entry[]>();
  const others: string[] = [];
  for (const raw of items) {
    const { pk, sk, ...attributes } = keyed.parse(raw);
    const [owner = '', ownerId = '', part] = pk.split('#');
    const [kind = '', id = '', , stepId] = sk.split('#');
    const place = `${owner}${part ? ` ${part}` : ''} ${kind}`;
    if (place === 'PROJECT CON') {
      connections.push({ id, projectId: ownerId, item: connectionItem.parse(raw), attributes });
    } else if (place === 'PROJECT INTENT') intents.push(id);
    else if (place === 'PROJECT COUNTS') counts.set(ownerId, countsItem.parse(raw));
    else if (place === 'PROJECT FLOWS FLOW') {
      const flow = flowItem.parse(raw);
      if ('revision' in flow) flows.add(`${ownerId}/${id}`);
      else steps.push({ flow: `${ownerId}/${id}`, stepId: stepId ?? '', connectionId: flow.connectionId });
    } else if (place === 'CON FLOW') uses.push({ connectionId: ownerId, flowId: id });
    else if (place === 'CON HISTORY') {
      history.set(ownerId, [...(history.get(ownerId) ?? []), historyItem.parse(raw)]);
      // The last check of a connection, like its history, may outlive it.
    } else if (place !== 'CON CHECK') others.push(`${pk} ${sk}`);
  }
  for (const entries of history.values()) entries.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { connections, intents, flows, steps, uses, counts, history, others };
}
