import type { Sealer } from '../../domain/credentials/sealer.ts';
import { type DataKey, decrypt, encrypt, keyIdOf } from './jwe.ts';

/** The data keys of a sealer. A key that sealed anything is kept for as long as that is to be opened. */
export interface DataKeys {
  /** Returns the key that seals. */
  current(): Promise<DataKey>;
  /** Returns a key that sealed earlier; undefined if it no longer exists. */
  find(id: string): Promise<DataKey | undefined>;
}

/** Seals texts as JWE: see `jwe.ts`. Texts of an older key open with that key. */
export function createSealer(keys: DataKeys): Sealer {
  return {
    seal: async (text, context) => encrypt(text, await keys.current(), context),

    async open(sealed, context) {
      const key = await keys.find(keyIdOf(sealed));
      return key && decrypt(sealed, key, context);
    },
  };
}
