import type { AdapterFactory, AdapterPayload } from 'oidc-provider';

interface Stored {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * Keeps sessions, grants and codes of one issuer in memory: they end with the process. Access tokens are JWTs, which
 * nothing stores.
 */
export function memoryAdapter(): AdapterFactory {
  const records = new Map<string, Stored>();
  return (model) => {
    const find = (matches: (key: string, stored: Stored) => boolean) => {
      for (const [key, stored] of records) if (stored.expiresAt <= Date.now()) records.delete(key);
      return [...records].find(([key, stored]) => key.startsWith(`${model} `) && matches(key, stored))?.[1];
    };
    const byId = (id: string) => find((key) => key === `${model} ${id}`)?.payload;
    return {
      async upsert(id, payload, expiresIn = Number.POSITIVE_INFINITY) {
        records.set(`${model} ${id}`, { payload, expiresAt: Date.now() + expiresIn * 1000 });
      },
      find: async (id) => byId(id),
      findByUid: async (uid) => find((_, { payload }) => payload.uid === uid)?.payload,
      // The device flow is off.
      findByUserCode: async () => undefined,
      async consume(id) {
        Object.assign(byId(id) ?? {}, { consumed: Math.floor(Date.now() / 1000) });
      },
      async destroy(id) {
        records.delete(`${model} ${id}`);
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of records) if (payload.grantId === grantId) records.delete(key);
      },
    };
  };
}
