import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

interface Stored {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * Sessions, grants and codes of one issuer, in memory: they end with the process. Access tokens do not live
 * here, they carry their own proof.
 */
export function memoryAdapter(): AdapterFactory {
  const models = new Map<string, Map<string, Stored>>();
  return (model) => {
    const records = models.get(model) ?? new Map<string, Stored>();
    models.set(model, records);
    return modelAdapter(records, () => [...models.values()]);
  };
}

function modelAdapter(records: Map<string, Stored>, everyModel: () => Map<string, Stored>[]): Adapter {
  const first = (matches: (payload: AdapterPayload) => boolean) =>
    live([...records.values()].find(({ payload }) => matches(payload)));
  return {
    async upsert(id, payload, expiresIn) {
      dropExpired(records);
      records.set(id, { payload, expiresAt: Date.now() + (expiresIn ?? Number.POSITIVE_INFINITY) * 1000 });
    },
    async find(id) {
      return live(records.get(id));
    },
    async findByUid(uid) {
      return first((payload) => payload.uid === uid);
    },
    async findByUserCode(userCode) {
      return first((payload) => payload.userCode === userCode);
    },
    async consume(id) {
      const stored = records.get(id);
      if (stored) stored.payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      records.delete(id);
    },
    async revokeByGrantId(grantId) {
      for (const model of everyModel()) {
        for (const [id, { payload }] of model) if (payload.grantId === grantId) model.delete(id);
      }
    },
  };
}

function live(stored: Stored | undefined): AdapterPayload | undefined {
  return stored && stored.expiresAt > Date.now() ? stored.payload : undefined;
}

function dropExpired(records: Map<string, Stored>): void {
  for (const [id, { expiresAt }] of records) if (expiresAt <= Date.now()) records.delete(id);
}
