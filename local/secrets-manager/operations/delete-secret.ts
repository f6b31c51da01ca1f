import * as z from 'zod/mini';
import { invalidParameter, invalidRequest, ServiceFault } from '../faults.ts';
import { type Call, epochSeconds, operation } from '../operation.ts';
import { secretId } from '../requests.ts';
import { findSecret, newArn } from '../secret-id.ts';
import type { Secret } from '../secret-rows.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_WINDOW_DAYS = 30;

const Request = z.object({
  SecretId: secretId,
  RecoveryWindowInDays: z.optional(z.int()),
  ForceDeleteWithoutRecovery: z.optional(z.boolean()),
});
type Input = z.infer<typeof Request>;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const deleteSecret = operation(Request, (input, call) => {
  checkWindow(input);
  return input.ForceDeleteWithoutRecovery === true ? removeNow(input, call) : schedule(input, call);
});

function checkWindow({ RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force }: Input): void {
  if (days === undefined) return;
  if (force === true) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (days < 7 || days > 30) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
}

function schedule(input: Input, { storage, now }: Call): object {
  const secret = findSecret(storage, input.SecretId);
  if (secret.deletionAt !== null) {
    throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
  }
  const deletionAt = now + (input.RecoveryWindowInDays ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
  storage.secrets.schedule(secret.id, deletionAt, now);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deletionAt) };
}

/** Forced deletion succeeds for scheduled and for unknown secrets too. */
function removeNow(input: Input, { storage, now, region }: Call): object {
  const secret = knownSecret(storage, input.SecretId);
  if (secret !== undefined) storage.secrets.remove(secret.id);
  const isArn = input.SecretId.startsWith('arn:');
  return {
    ARN: secret?.arn ?? (isArn ? input.SecretId : newArn(region, input.SecretId)),
    Name: secret?.name ?? input.SecretId,
    DeletionDate: epochSeconds(now),
  };
}

function knownSecret(storage: Call['storage'], id: string): Secret | undefined {
  try {
    return findSecret(storage, id);
  } catch (error) {
    if (error instanceof ServiceFault && error.type === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
