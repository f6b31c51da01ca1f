import { invalidParameter, invalidRequest, limitExceeded, tokenInUse } from './faults.ts';
import type { Call } from './operation.ts';
import type { Secret } from './secret-rows.ts';
import type { SecretValue } from './version-rows.ts';
import { MAX_VERSIONS, prunable, putStages } from './versions.ts';

interface ValueFields {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

/**
 * The value in a request; undefined when it has none.
 * @throws InvalidParameterException for text and binary at once
 */
export function secretValueOf({ SecretString, SecretBinary }: ValueFields): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary for one secret version.");
  }
  if (SecretString === undefined && SecretBinary === undefined) return undefined;
  return { secretString: SecretString ?? null, secretBinary: SecretBinary ?? null };
}

/** @throws InvalidRequestException when absent: the SDKs make one, raw callers must */
export function requiredToken(token: string | undefined): string {
  if (token !== undefined) return token;
  throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
}

/**
 * Whether this token already made a version of this very value, so the call has been answered before.
 * @throws ResourceExistsException when it made a version of another value
 */
export function isRepeat({ storage }: Call, secret: Secret, token: string, value: SecretValue): boolean {
  const existing = storage.versions.find(secret.id, token);
  if (existing === undefined) return false;
  const same = existing.secretString === value.secretString && existing.secretBinary === value.secretBinary;
  if (!same) throw tokenInUse(token, secret.arn);
  return true;
}

/**
 * Adds a version and moves its labels, then removes deprecated versions past the quota.
 * @throws LimitExceededException when more than 100 versions remain, all labelled or younger than a day
 */
export function addVersion(
  { storage, now }: Call,
  secret: Secret,
  version: {
    readonly id: string;
    readonly value: SecretValue;
    readonly stages: readonly string[] | undefined;
  },
): void {
  const { versions, secrets } = storage;
  const stages = putStages(versions.stages(secret.id), version.id, version.stages);
  versions.add(secret.id, version.id, version.value, now);
  versions.setStages(secret.id, stages);
  secrets.changed(secret.id, now);
  const all = versions.list(secret.id);
  const outdated = prunable(all, stages, now);
  if (all.length - outdated.length > MAX_VERSIONS) {
    throw limitExceeded(`You've reached the quota of ${MAX_VERSIONS} versions for this secret.`);
  }
  for (const versionId of outdated) versions.remove(secret.id, versionId);
}
