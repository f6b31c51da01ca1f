import { join } from 'node:path';
import type { ProviderKind } from './table/place.ts';

/** Where a data directory keeps what the stand-ins hold. Each kind of providers has data of its own. */
export function dataFiles(dataDir: string, providers: ProviderKind) {
  return {
    secrets: join(dataDir, `${providers}-secrets.db`),
    events: join(dataDir, `${providers}-events.db`),
    sandbox: join(dataDir, `${providers}-sandbox.json`),
  };
}
