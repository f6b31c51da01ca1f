import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';

const keyFile = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** The key that the flow engine signs with in local mode; made once for a data directory. */
export function engineKey(file: string): z.infer<typeof keyFile> {
  if (!existsSync(file)) {
    const key = { accessKeyId: 'LOCALENGINE', secretAccessKey: randomBytes(30).toString('base64url') };
    writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  }
  return keyFile.parse(JSON.parse(readFileSync(file, 'utf8')));
}
