import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Credentials } from '../../../domain/credentials/credentials.ts';
import type {
  CredentialImporter,
  CredentialPromoter,
  CredentialReader,
  CredentialRemover,
  CredentialRestorer,
  CredentialsRef,
  CredentialsVersion,
  CredentialWriter,
} from '../../../domain/credentials/store.ts';
import {
  addSeconds,
  DAY_SECONDS,
  type OperationContext,
  timestamp,
} from '../../../domain/operation-context.ts';
import { keyIdOf } from '../../sealing/jwe.ts';
import { createSealer } from '../../sealing/sealer.ts';
import { getConsistent, getOnceWritten } from './batch-get.ts';
import type { Table } from './client.ts';
import { type Action, Expression, onTable } from './expression.ts';
import { sealedCredentialsItem } from './items.ts';
import { credentialsKey, credentialsPk, credentialsVersionOf, type Key } from './keys.ts';
import type { ProjectKeys } from './project-keys.ts';
import { query } from './query.ts';

/**
 * The credential store with a sealed item per version, in the table. An item is written once: its text is sealed by the
 * data key of the project, and opens for its own project, connection and version alone. Attributes beside the text say
 * whether TTL removes it: the promoted version is `current` and stays; the one that it replaces, and all of a retired
 * connection, go after the recovery window.
 */
export interface SealedStore extends Pick<OperationContext, 'clock'> {
  readonly table: Table;
  readonly keys: ProjectKeys;
  /** Sealed texts of credentials that this process read, for `reseal`. */
  readonly opened: WeakMap<Credentials, string>;
}

/** Opens the store. */
export function openSealedStore(settings: Omit<SealedStore, 'opened'>): SealedStore {
  return { ...settings, opened: new WeakMap() };
}

/** Days for which replaced and retired versions can be brought back, as in Secrets Manager. */
const RECOVERY_DAYS = 7;

const fields = z.record(z.string(), z.string());

/** Reads sealed credentials. */
export function sealedCredentialReader({ table, keys, opened }: SealedStore): CredentialReader {
  async function readIfKept(version: CredentialsVersion): Promise<Credentials | undefined> {
    // A version is written before a connection names it, and never changes while it is not retired.
    const item = await getOnceWritten(table, keyOf(version), (found) => !isRetired(found));
    if (!item || isRetired(item)) return undefined;
    const { sealed } = sealedCredentialsItem.parse(item);
    const text = await createSealer(keys.of(version.projectId)).open(sealed, contextOf(version));
    if (text === undefined) return undefined;
    const credentials = new Credentials(fields.parse(JSON.parse(text)));
    opened.set(credentials, sealed);
    return credentials;
  }
  return {
    readIfKept,
    async read(version) {
      const credentials = await readIfKept(version);
      if (!credentials) throw new Error('Sealed credentials: the version does not exist.');
      return credentials;
    },
  };
}

/** Writes sealed credentials. */
export function sealedCredentialWriter(store: SealedStore): Omit<CredentialWriter, 'storeOfNew'> {
  const { table, keys, opened } = store;

  /** A version never changes, so one that exists is the one to be put: the call was repeated. */
  async function putOnce(version: CredentialsVersion, credentials: Credentials, attributes: object) {
    const Item = { ...(await toItem(version, credentials, store)), ...attributes };
    const ConditionExpression = 'attribute_not_exists(pk)';
    const command = new PutCommand({ TableName: table.name, Item, ConditionExpression });
    await ignoringFailedCondition(table.client.send(command));
  }

  return {
    create: (version, credentials) => putOnce(version, credentials, { current: true }),
    put: (version, credentials) => putOnce(version, credentials, {}),
    ...sealedCredentialPromoter(store),

    async reseal(version, credentials) {
      const before = opened.get(credentials);
      if (before === undefined || !keys.isOutdated(keyIdOf(before))) return;
      const { sealed } = await toItem(version, credentials, store);
      const expression = new Expression();
      const condition = `${expression.name(['sealed'])} = ${expression.value(before)}`;
      expression.set(['sealed'], sealed);
      await update(table, keyOf(version), expression, condition);
    },
  };
}

/** Promotes versions of sealed credentials, which takes no data key. */
export function sealedCredentialPromoter({ table, clock }: SealedPromoterStore): CredentialPromoter {
  return {
    exists: async (version) => (await getConsistent(table, keyOf(version))) !== undefined,

    promoted: async (ref) => (await versionsOf(table, ref)).find(({ current }) => current)?.version,

    async promote(version, from) {
      const promoted = new Expression();
      const exists = `attribute_exists(${promoted.name(['pk'])})`;
      promoted.put('current', true);
      const replaced = new Expression();
      const isCurrent = `${replaced.name(['current'])} = ${replaced.value(true)}`;
      replaced.put('current', undefined);
      replaced.put('ttl', ttlAfter(clock.now()));
      try {
        await transact(table, [
          { Update: { Key: keyOf(version), ConditionExpression: exists, ...promoted.update() } },
          {
            Update: {
              Key: keyOf({ ...version, version: from }),
              ConditionExpression: isCurrent,
              ...replaced.update(),
            },
          },
        ]);
        return true;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        return (await versionsOf(table, version)).every(({ retiredAt }) => retiredAt !== undefined);
      }
    },
  };
}

/** Retires sealed credentials. Retired ones are no longer read, and TTL removes them after the recovery window. */
export function sealedCredentialRemover({
  table,
  clock,
}: SealedPromoterStore): CredentialRemover & CredentialRestorer {
  return {
    async retire(ref) {
      const now = clock.now();
      for (const { version, retiredAt } of await versionsOf(table, ref)) {
        if (retiredAt !== undefined) continue;
        const expression = new Expression();
        const exists = `attribute_exists(${expression.name(['pk'])})`;
        expression.set(['retiredAt'], timestamp(now));
        expression.set(['ttl'], ttlAfter(now));
        await update(table, keyOf({ ...ref, version }), expression, exists);
      }
    },

    async restore(ref) {
      const last = (await versionsOf(table, ref)).find(({ current }) => current);
      if (!last) return false;
      const expression = new Expression();
      const exists = `attribute_exists(${expression.name(['pk'])})`;
      expression.put('retiredAt', undefined);
      expression.put('ttl', undefined);
      await update(table, keyOf({ ...ref, version: last.version }), expression, exists);
      return true;
    },
  };
}

/** Takes over credentials from another store. */
export function sealedCredentialImporter(store: SealedStore): CredentialImporter {
  const { table, clock } = store;
  return {
    async import(version, credentials) {
      const Item = { ...(await toItem(version, credentials, store)), current: true };
      const others = (await versionsOf(table, version)).filter(
        (other) => other.current && other.version !== version.version,
      );
      const replacements = others.map((other): Action => {
        const expression = new Expression();
        expression.put('current', undefined);
        expression.put('ttl', ttlAfter(clock.now()));
        return { Update: { Key: keyOf({ ...version, version: other.version }), ...expression.update() } };
      });
      await transact(table, [{ Put: { Item } }, ...replacements]);
    },
  };
}

/** The part of the store that changes attributes of versions, without a data key. */
type SealedPromoterStore = Pick<SealedStore, 'table' | 'clock'>;

async function toItem(version: CredentialsVersion, credentials: Credentials, { keys }: SealedStore) {
  const text = JSON.stringify(credentials.reveal());
  const sealed = await createSealer(keys.of(version.projectId)).seal(text, contextOf(version));
  return { ...keyOf(version), sealed };
}

/** Binds a sealed text to one version of one connection: copied anywhere else, it does not open. */
function contextOf({ projectId, connectionId, version }: CredentialsVersion) {
  return { use: 'credentials', projectId, connectionId, version };
}

function isRetired(item: Record<string, unknown>): boolean {
  return item.retiredAt !== undefined;
}

function keyOf({ connectionId, version }: CredentialsVersion) {
  return { ...credentialsKey(connectionId, version) };
}

async function versionsOf(table: Table, { connectionId }: CredentialsRef) {
  const range = { partition: ['pk', credentialsPk(connectionId)], consistent: true } as const;
  const versions: (z.output<typeof sealedCredentialsItem> & { readonly version: string })[] = [];
  for await (const item of query(table, range)) {
    const parsed = sealedCredentialsItem.parse(item);
    versions.push({ ...parsed, version: credentialsVersionOf(parsed.sk) });
  }
  return versions;
}

function ttlAfter(now: Date): number {
  return Math.ceil(addSeconds(now, RECOVERY_DAYS * DAY_SECONDS).getTime() / 1000);
}

async function transact({ client, name }: Table, actions: readonly Action[]): Promise<void> {
  await client.send(new TransactWriteCommand({ TransactItems: onTable(name, actions) }));
}

function update(
  { client, name: TableName }: Table,
  Key: Key,
  expression: Expression,
  ConditionExpression: string,
): Promise<void> {
  const command = { TableName, Key: { ...Key }, ConditionExpression, ...expression.update() };
  return ignoringFailedCondition(client.send(new UpdateCommand(command)));
}

async function ignoringFailedCondition(sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
