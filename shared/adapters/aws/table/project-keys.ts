import { randomBytes } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Sealer } from '../../../domain/credentials/sealer.ts';
import { DAY_SECONDS, type OperationContext } from '../../../domain/operation-context.ts';
import type { DataKey } from '../../sealing/jwe.ts';
import type { DataKeys } from '../../sealing/sealer.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { projectKeyItem } from './items.ts';
import { projectKey, projectKeyId, projectKeysPk } from './keys.ts';
import { readChunk } from './query.ts';

/** A key seals for this time; then the next seal creates its successor. */
const ROTATION_DAYS = 90;
/** A key that was deleted opens nothing after this time; another process's new key seals after it at the latest. */
const CACHE_MS = 15 * 60_000;
/** Keys in the memory of one process at most, 32 bytes each; the oldest is dropped. */
const CACHE_SIZE = 10_000;
/** Texts that a key seals before it is read again: far below the 2^32 of AES-GCM with random IVs (NIST SP 800-38D). */
const MAX_SEALS = 2 ** 20;

/** The data keys of all projects, stored in the table and sealed by the stage's keyring. */
export interface ProjectKeys {
  of(projectId: string): DataKeys;
  /** Returns true for a key whose time to seal is over. */
  isOutdated(keyId: string): boolean;
}

interface CachedKey {
  readonly key: DataKey;
  readonly until: number;
  seals: number;
}

/** Opens the data keys of projects. Each has its own, so that deleting it makes one project's credentials unreadable. */
export function projectKeys(
  table: Table,
  keyring: Sealer,
  { clock, ids }: Pick<OperationContext, 'clock' | 'ids'>,
): ProjectKeys {
  const found = new Map<string, CachedKey>();
  const currentIds = new Map<string, string>();
  const loadShared = sharedCalls<CachedKey>();
  const findShared = sharedCalls<CachedKey | undefined>();

  function remember(projectId: string, key: DataKey): CachedKey {
    const cached = { key, until: clock.now().getTime() + CACHE_MS, seals: 0 };
    found.set(cacheKey(projectId, key.id), cached);
    // Whoever read credentials seals their successor without another call, which could fail in between.
    if (!recall(projectId, currentIds.get(projectId))) currentIds.set(projectId, key.id);
    const [oldest] = found.keys();
    if (found.size > CACHE_SIZE && oldest !== undefined) found.delete(oldest);
    return cached;
  }

  function recall(projectId: string, id: string | undefined): CachedKey | undefined {
    const cached = id === undefined ? undefined : found.get(cacheKey(projectId, id));
    return cached && cached.until > clock.now().getTime() ? cached : undefined;
  }

  async function open(projectId: string, item: unknown): Promise<CachedKey | undefined> {
    const { sk, sealed } = projectKeyItem.parse(item);
    const id = projectKeyId(sk);
    const text = await keyring.open(sealed, contextOf(projectId, id));
    return text === undefined ? undefined : remember(projectId, { id, key: Buffer.from(text, 'base64url') });
  }

  async function newest(projectId: string): Promise<CachedKey | undefined> {
    const range = {
      partition: ['pk', projectKeysPk(projectId)],
      order: 'desc',
      consistent: true,
    } as const;
    const { items } = await readChunk(table, range, 1);
    return items.length > 0 ? open(projectId, items[0]) : undefined;
  }

  async function create(projectId: string): Promise<CachedKey> {
    const key = randomBytes(32);
    const id = ids.next();
    const sealed = await keyring.seal(key.toString('base64url'), contextOf(projectId, id));
    const Item = { ...projectKey(projectId, id), sealed };
    // Two processes may each create a key: both are kept, and both open.
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    return remember(projectId, { id, key });
  }

  async function currentOrNew(projectId: string): Promise<CachedKey> {
    const current = await newest(projectId);
    return current && !isOutdated(current.key.id) ? current : create(projectId);
  }

  const isOutdated = (keyId: string) =>
    clock.now().getTime() - createdAt(keyId) > ROTATION_DAYS * DAY_SECONDS * 1000;

  return {
    isOutdated,

    of: (projectId) => ({
      async current() {
        let cached = recall(projectId, currentIds.get(projectId));
        if (!cached || cached.seals >= MAX_SEALS || isOutdated(cached.key.id)) {
          cached = await loadShared(projectId, () => currentOrNew(projectId));
        }
        currentIds.set(projectId, cached.key.id);
        cached.seals += 1;
        return cached.key;
      },

      async find(id) {
        const cached =
          recall(projectId, id) ??
          (await findShared(cacheKey(projectId, id), async () => {
            const item = await getConsistent(table, projectKey(projectId, id));
            return item && open(projectId, item);
          }));
        return cached?.key;
      },
    }),
  };
}

/** Returns a function that lets concurrent callers of the same name wait for one call, so that a process opens a key once. */
function sharedCalls<T>() {
  const pending = new Map<string, Promise<T>>();
  return (name: string, call: () => Promise<T>): Promise<T> => {
    const shared = pending.get(name) ?? call().finally(() => pending.delete(name));
    pending.set(name, shared);
    return shared;
  };
}

function cacheKey(projectId: string, keyId: string): string {
  return `${projectId}#${keyId}`;
}

function contextOf(projectId: string, keyId: string) {
  return { use: 'project-key', projectId, keyId };
}

/** Returns the time of a UUIDv7 (RFC 9562, section 5.7), in milliseconds. */
function createdAt(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
