import * as z from 'zod/mini';
import { invalidRequest, tokenInUse, tooManyVersions, valueNotFound } from './errors.ts';
import { labelNewVersion, labelsOf, MAX_VERSIONS, moveLabel, prunableVersions } from './labels.ts';
import {
  type Context,
  epochSeconds,
  findUsableSecret,
  operation,
  secretId,
  secretString,
  stagingLabel,
  versionId,
} from './operation.ts';
import type { Secret } from './storage.ts';

export interface NewVersion {
  /** The request's token, which makes a repeated call change nothing. */
  readonly versionId: string;
  readonly value: string;
  readonly labels?: readonly string[] | undefined;
}

/**
 * Adds a version with its labels, then removes deprecated versions above the quota.
 *
 * @throws ServiceException LimitExceededException where over 100 versions remain, all labeled or younger than a day.
 */
export function addVersion({ storage, now }: Context, secret: Secret, version: NewVersion): void {
  const { versionId, value } = version;
  const labels = labelNewVersion(secret.labels, versionId, version.labels);
  storage.addVersion(secret, { versionId, value, createdAt: now });
  storage.setLabels(secret, labels);
  const versions = storage.versionsOf(secret);
  const prunable = prunableVersions(versions, labels, now);
  if (versions.length - prunable.length > MAX_VERSIONS) throw tooManyVersions(MAX_VERSIONS);
  for (const pruned of prunable) storage.removeVersion(secret, pruned);
}

/**
 * Returns true where the token has made a version of this value before.
 *
 * @throws ServiceException ResourceExistsException where it has made a version of another value.
 */
export function isRepeated({ storage }: Context, secret: Secret, token: string, value: string): boolean {
  const existing = storage.findVersion(secret, token);
  if (existing && existing.value !== value) throw tokenInUse(token, secret.arn);
  return existing !== undefined;
}

const putRequest = z.strictObject({
  SecretId: secretId,
  ClientRequestToken: versionId,
  SecretString: secretString,
  VersionStages: z.optional(z.array(stagingLabel).check(z.minLength(1), z.maxLength(20))),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue = operation(putRequest, (input, context) => {
  const { SecretId, ClientRequestToken: token, SecretString: value, VersionStages: labels } = input;
  const secret = findUsableSecret(context, SecretId);
  if (!isRepeated(context, secret, token, value)) {
    addVersion(context, secret, { versionId: token, value, labels });
  }
  const after = findUsableSecret(context, SecretId);
  const VersionStages = labelsOf(after.labels, token);
  return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages };
});

const getRequest = z.strictObject({
  SecretId: secretId,
  VersionId: z.optional(versionId),
  VersionStage: z.optional(stagingLabel),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue = operation(getRequest, (input, context) => {
  const { SecretId, VersionId, VersionStage = VersionId ? undefined : 'AWSCURRENT' } = input;
  const secret = findUsableSecret(context, SecretId);
  const labeled = VersionStage ? secret.labels[VersionStage] : undefined;
  const found = context.storage.findVersion(secret, VersionId ?? labeled ?? '');
  if (!found) throw valueNotFound(VersionId ? `VersionId: ${VersionId}` : `staging label: ${VersionStage}`);
  if (VersionStage && labeled !== found.versionId) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: found.versionId,
    SecretString: found.value,
    VersionStages: labelsOf(secret.labels, found.versionId),
    CreatedDate: epochSeconds(found.createdAt),
  };
});

const updateStageRequest = z.strictObject({
  SecretId: secretId,
  VersionStage: stagingLabel,
  RemoveFromVersionId: z.optional(versionId),
  MoveToVersionId: z.optional(versionId),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const updateSecretVersionStage = operation(updateStageRequest, (input, context) => {
  const secret = findUsableSecret(context, input.SecretId);
  const versionIds = new Set(context.storage.versionsOf(secret).map((version) => version.versionId));
  const labels = moveLabel(secret.labels, versionIds, {
    label: input.VersionStage,
    removeFrom: input.RemoveFromVersionId,
    moveTo: input.MoveToVersionId,
  });
  context.storage.setLabels(secret, labels);
  return { ARN: secret.arn, Name: secret.name };
});
