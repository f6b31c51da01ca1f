import { randomInt } from 'node:crypto';
import { markedForDeletion, notFound, validation } from './faults.ts';
import type { Secret } from './secret-rows.ts';
import type { Storage } from './storage.ts';

const ACCOUNT = '000000000000';
const SUFFIX_LENGTH = 6;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The ARN of a new secret: its name and six random characters, so a later secret of that name has another. */
export function newArn(region: string, name: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length)));
  return `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-${suffix.join('')}`;
}

/** @throws ValidationException unless ASCII letters, digits and `/_+=.@-` only */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@-]+$/.test(name)) return;
  throw validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

/**
 * The secret of a name, a full ARN or an ARN without its last hyphen and six characters. An ARN that ends in a
 * hyphen and six characters is always taken as full (user guide, "Finding a secret from a partial ARN").
 * @throws ResourceNotFoundException, ValidationException
 */
export function findSecret(storage: Storage, secretId: string): Secret {
  const found = secretId.startsWith('arn:') ? byArn(storage, secretId) : byName(storage, secretId);
  if (found === undefined) throw notFound();
  return found;
}

/** The same, but {@link findSecret} of a secret that is scheduled for deletion: InvalidRequestException. */
export function findUsableSecret(storage: Storage, secretId: string): Secret {
  const found = findSecret(storage, secretId);
  if (found.deletionAt !== null) throw markedForDeletion();
  return found;
}

function byName(storage: Storage, name: string): Secret | undefined {
  checkName(name);
  return storage.secrets.byName(name);
}

function byArn(storage: Storage, arn: string): Secret | undefined {
  if (/-[A-Za-z0-9]{6}$/.test(arn)) return storage.secrets.byArn(arn);
  const name = arn.split(':').slice(6).join(':');
  const found = storage.secrets.byName(name);
  return found?.arn.slice(0, -(SUFFIX_LENGTH + 1)) === arn ? found : undefined;
}
