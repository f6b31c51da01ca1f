import { generateKeyPairSync } from 'node:crypto';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Makes up a service account's key in Google's form, with a real RSA key. */
export function serviceAccountKey(name: string, more: object = {}): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'sample',
    private_key_id: 'sample-key',
    private_key: privateKey,
    client_email: `${name}@sample.iam.gserviceaccount.com`,
    token_uri: 'https://attacker.example/token',
    ...more,
  });
}
