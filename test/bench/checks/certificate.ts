import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate of 127.0.0.1, with the file that makes Node trust it (`NODE_EXTRA_CA_CERTS`). */
export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly certFile: string;
}

/**
 * Makes a certificate on the curve that most servers have, valid for two days, by the program `openssl`.
 *
 * @throws Error where the program is not installed.
 */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'],
    ...['-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  return { key: readFileSync(keyFile), cert: readFileSync(certFile), certFile };
}
