import { hkdfSync } from 'node:crypto';
import {
  GetSecretValueCommand,
  InvalidRequestException,
  ListSecretsCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type DynamoDBDocumentClient, GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import * as z from 'zod/mini';
import { connectionItem, countsItem, flowItem, historyItem } from '../../shared/adapters/aws/table/items.ts';
import { type CredentialStoreName, STATUS_REASONS } from '../../shared/domain/terms.ts';

const key = z.object({ pk: z.string(), sk: z.string() });
const keyed = z.looseObject(key.shape);

const time = z.iso.datetime({ precision: 3 });

/** A field that is absent in place of null. */
function orNull<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.optional(schema),
    z.transform((value) => value ?? null),
  );
}

const summaryFields = {
  providerId: z.string(),
  name: z.string(),
  statusSince: time,
  account: orNull(z.strictObject({ id: z.string(), label: z.string() })),
  flowCount: z.int().check(z.nonnegative()),
  connectedAt: time,
  reconnectedAt: orNull(time),
  lastCheckedAt: orNull(time),
  expiresAt: orNull(time),
  createdBy: z.string(),
  updatedAt: time,
  version: z.int().check(z.positive()),
};

/** The fields of a stored summary, which the code trusts without parsing them. */
const summary = z.discriminatedUnion('status', [
  z.strictObject({ ...summaryFields, status: z.literal('active'), statusReason: orNull(z.never()) }),
  z.strictObject({ ...summaryFields, status: z.literal('inactive'), statusReason: z.enum(STATUS_REASONS) }),
]);

/** A connection's item, with its summary parsed. */
const storedConnection = z.extend(connectionItem, {
  summary: z.pipe(
    z.string(),
    z.pipe(
      z.transform((text: string): unknown => JSON.parse(text)),
      summary,
    ),
  ),
});

export type StoredEntry = z.output<typeof historyItem>;

/** The credentials of a connection in one store, with the labels of each version. A sealed one that stays is AWSCURRENT. */
export interface StoredSecret {
  readonly store: CredentialStoreName;
  readonly connectionId: string;
  readonly isScheduledForDeletion: boolean;
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** A connection's item in the table. */
export interface StoredItem {
  readonly id: string;
  readonly projectId: string;
  readonly item: z.output<typeof storedConnection>;
  /** All attributes, including those that only indexes use. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Returns the store of a connection's credentials. */
export function storeOf({
  credentialStore = 'secret-per-connection',
}: StoredItem['item']): CredentialStoreName {
  return credentialStore;
}

/** The whole content of the table and of Secrets Manager, read without the code under test. */
export interface StoredState {
  readonly connections: readonly StoredItem[];
  readonly intents: readonly string[];
  /** Flows as `project/flow`. */
  readonly flows: ReadonlySet<string>;
  readonly steps: readonly {
    readonly flow: string;
    readonly stepId: string;
    readonly connectionId: string;
  }[];
  readonly uses: readonly { readonly connectionId: string; readonly flowId: string }[];
  readonly counts: ReadonlyMap<string, z.output<typeof countsItem>>;
  /** By connection, oldest first. */
  readonly history: ReadonlyMap<string, readonly StoredEntry[]>;
  readonly secrets: readonly StoredSecret[];
  /** Keys of items that should not exist. */
  readonly unknownItems: readonly string[];
}

/** Access to the table and the secrets of a deployment. */
export interface Storage {
  readonly table: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly secrets: SecretsManagerClient;
  readonly secretsPrefix: string;
  /** The secret from which the data keys of projects are sealed. */
  readonly credentialsKeySecret: string;
}

/** Reads the whole table and all secrets. */
export async function readState(storage: Storage): Promise<StoredState> {
  const [items, secrets] = await Promise.all([scan(storage), listSecrets(storage)]);
  const { sealed, ...sorted } = sortItems(items);
  return { ...sorted, secrets: [...secrets, ...toSecrets(sealed)] };
}

/** Reads the serving credentials of a connection as JSON text; undefined if they cannot be read. */
export function readServing(
  storage: Storage,
  { id, projectId, item }: StoredItem,
): Promise<string | undefined> {
  const { credentialsVersion: version } = item;
  return storeOf(item) === 'sealed'
    ? openSealed(storage, { projectId, id, version })
    : readSecret(storage, id, version);
}

/** Opens sealed credentials with a library, by the keyring and the key of their project. */
async function openSealed(
  { table, tableName: TableName, secrets, credentialsKeySecret: SecretId }: Storage,
  { projectId, id, version }: { readonly projectId: string; readonly id: string; readonly version: string },
): Promise<string | undefined> {
  const find = async (pk: string, sk: string) => {
    const command = new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true });
    return z.optional(sealedItem).parse((await table.send(command)).Item);
  };
  const found = await find(`CREDENTIALS#${id}`, `VERSION#${version}`);
  if (!found || found.retiredAt !== undefined) return undefined;
  const keyItem = await find(`PROJECT_KEYS#${projectId}`, `KEY#${decodeProtectedHeader(found.sealed).kid}`);
  if (!keyItem) return undefined;
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const keyText = z.record(z.string(), z.string()).parse(JSON.parse(SecretString))[
    decodeProtectedHeader(keyItem.sealed).kid ?? ''
  ];
  const stageKey = new Uint8Array(hkdfSync('sha256', keyText ?? '', '', 'connections sealed texts', 32));
  const projectKey = Buffer.from(await decryptText(keyItem.sealed, stageKey), 'base64url');
  return decryptText(found.sealed, projectKey);
}

async function decryptText(sealed: string, key: Uint8Array): Promise<string> {
  return new TextDecoder().decode((await compactDecrypt(sealed, key)).plaintext);
}

async function readSecret(
  { secrets, secretsPrefix }: Storage,
  connectionId: string,
  VersionId: string,
): Promise<string | undefined> {
  try {
    const SecretId = secretsPrefix + connectionId;
    return (await secrets.send(new GetSecretValueCommand({ SecretId, VersionId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException || error instanceof InvalidRequestException)
      return undefined;
    throw error;
  }
}

/** Returns the number of history entries that match. */
export function countEntries(state: StoredState, matches: (entry: StoredEntry) => boolean): number {
  return [...state.history.values()].flat().filter(matches).length;
}

async function scan({ table, tableName }: Storage): Promise<unknown[]> {
  const items: unknown[] = [];
  const pages = paginateScan({ client: table }, { TableName: tableName, ConsistentRead: true });
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

async function listSecrets({ secrets, secretsPrefix }: Storage): Promise<StoredSecret[]> {
  const Filters = [{ Key: 'name' as const, Values: [secretsPrefix] }];
  const found: StoredSecret[] = [];
  let NextToken: string | undefined;
  do {
    const page = await secrets.send(
      new ListSecretsCommand({ Filters, IncludePlannedDeletion: true, NextToken }),
    );
    for (const { Name = '', DeletedDate, SecretVersionsToStages = {} } of page.SecretList ?? []) {
      found.push({
        store: 'secret-per-connection',
        connectionId: Name.slice(secretsPrefix.length),
        isScheduledForDeletion: DeletedDate !== undefined,
        labels: SecretVersionsToStages,
      });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

const sealedItem = z.object({
  ...key.shape,
  sealed: z.string(),
  current: z.optional(z.literal(true)),
  retiredAt: z.optional(time),
});

type SealedItem = z.output<typeof sealedItem>;

/** Returns the sealed credentials of each connection in the form of a secret. */
function toSecrets(items: readonly SealedItem[]): StoredSecret[] {
  const byConnection = Map.groupBy(items, ({ pk }) => pk.slice('CREDENTIALS#'.length));
  return Array.from(byConnection, ([connectionId, versions]) => ({
    store: 'sealed' as const,
    connectionId,
    isScheduledForDeletion: versions.every(({ retiredAt }) => retiredAt !== undefined),
    labels: Object.fromEntries(
      versions.map(({ sk, current }) => [sk.slice('VERSION#'.length), current ? ['AWSCURRENT'] : []]),
    ),
  }));
}

/** Items that belong to no connection or flow, or may outlive their connection: a last check does. */
const OPERATIONAL =
  /^(AUTHORIZATION#|CHECKPOINT |BUDGET#|IDEMPOTENCY#|NOTICES#|PROJECT_KEYS#|REQUESTS#)| (MEMBER|PAST|IMPORT)#|^PROJECT#[^ ]+ HISTORY#|^CON#[^ ]+ CHECK$/;

/** Sorts items by their keys. Each is parsed by the schema that it was written for. */
function sortItems(
  items: readonly unknown[],
): Omit<StoredState, 'secrets'> & { readonly sealed: readonly SealedItem[] } {
  const sealed: SealedItem[] = [];
  const connections: StoredItem[] = [];
  const intents: string[] = [];
  const flows = new Set<string>();
  const steps: { flow: string; stepId: string; connectionId: string }[] = [];
  const uses: { connectionId: string; flowId: string }[] = [];
  const counts = new Map<string, z.output<typeof countsItem>>();
  const history = new Map<string, StoredEntry[]>();
  const unknownItems: string[] = [];
  for (const raw of items) {
    const { pk, sk, ...attributes } = keyed.parse(raw);
    const [owner = '', ownerId = '', part] = pk.split('#');
    const [kind = '', id = '', , stepId] = sk.split('#');
    const itemType = `${owner}${part ? ` ${part}` : ''} ${kind}`;
    if (itemType === 'PROJECT CON') {
      connections.push({ id, projectId: ownerId, item: storedConnection.parse(raw), attributes });
    } else if (itemType === 'PROJECT INTENT') intents.push(id);
    else if (itemType === 'PROJECT COUNTS') counts.set(ownerId, countsItem.parse(raw));
    else if (itemType === 'PROJECT FLOWS FLOW') {
      const flow = flowItem.parse(raw);
      if ('revision' in flow) flows.add(`${ownerId}/${id}`);
      else steps.push({ flow: `${ownerId}/${id}`, stepId: stepId ?? '', connectionId: flow.connectionId });
    } else if (itemType === 'CREDENTIALS VERSION') sealed.push(sealedItem.parse(raw));
    else if (itemType === 'CON FLOW') uses.push({ connectionId: ownerId, flowId: id });
    else if (itemType === 'CON HISTORY') {
      history.set(ownerId, [...(history.get(ownerId) ?? []), historyItem.parse(raw)]);
    } else if (!OPERATIONAL.test(`${pk} ${sk}`)) unknownItems.push(`${pk} ${sk}`);
  }
  for (const entries of history.values()) entries.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { connections, intents, flows, steps, uses, counts, history, unknownItems, sealed };
}
