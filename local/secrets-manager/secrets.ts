import { randomInt } from 'node:crypto';
import * as z from 'zod/mini';
import { invalidNextToken, invalidParameter, invalidRequest, secretExists } from './errors.ts';
import { versionsToLabels } from './labels.ts';
import {
  type Context,
  epochSeconds,
  findSecret,
  operation,
  secretId,
  secretName,
  secretString,
  versionId,
} from './operation.ts';
import type { Secret } from './storage.ts';
import { addVersion, isRepeated } from './versions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_WINDOW_DAYS = 30;
const DEFAULT_PAGE = 100;

const createRequest = z.strictObject({
  Name: secretName,
  ClientRequestToken: versionId,
  SecretString: z.optional(secretString),
  KmsKeyId: z.optional(z.string()),
  Tags: z.optional(z.array(z.object({ Key: z.string(), Value: z.string() }))),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const createSecret = operation(createRequest, (input, context) => {
  const { Name: name, ClientRequestToken: token, SecretString: value, KmsKeyId = null, Tags = [] } = input;
  const existing = context.storage.findSecret(name);
  if (existing) {
    requireRepetition(context, existing, token, value);
    return { ARN: existing.arn, Name: name, VersionId: token };
  }
  const secret = addSecret(context, { name, kmsKeyId: KmsKeyId, tags: Tags });
  if (value !== undefined) addVersion(context, secret, { versionId: token, value });
  return { ARN: secret.arn, Name: name, ...(value !== undefined && { VersionId: token }) };
});

/** Adds a secret without a version. Its ARN ends in six random characters, so that no later secret has the same. */
export function addSecret(
  { storage, region, now }: Context,
  secret: Pick<Secret, 'name' | 'kmsKeyId' | 'tags'>,
): Secret {
  const suffix = Array.from({ length: 6 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
  const arn = `arn:aws:secretsmanager:${region}:000000000000:secret:${secret.name}-${suffix}`;
  return storage.addSecret({ ...secret, arn, createdAt: now });
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Throws unless the secret was created by this very request before. */
function requireRepetition(
  context: Context,
  existing: Secret,
  token: string,
  value: string | undefined,
): void {
  if (existing.deletedAt !== null) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const repeated = value !== undefined && isRepeated(context, existing, token, value);
  if (!repeated) throw secretExists(existing.name);
}

const describeRequest = z.strictObject({ SecretId: secretId });

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret = operation(describeRequest, (input, context) => {
  const secret = findSecret(context, input.SecretId);
  return { ...described(secret), VersionIdsToStages: versionsToLabels(secret.labels) };
});

function described({ arn, name, kmsKeyId, tags, createdAt, deletedAt }: Secret) {
  return {
    ARN: arn,
    Name: name,
    ...(kmsKeyId !== null && { KmsKeyId: kmsKeyId }),
    Tags: tags,
    CreatedDate: epochSeconds(createdAt),
    ...(deletedAt !== null && { DeletedDate: epochSeconds(deletedAt) }),
  };
}

const deleteRequest = z.strictObject({ SecretId: secretId, RecoveryWindowInDays: z.optional(z.int()) });

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const deleteSecret = operation(deleteRequest, (input, context) => {
  const { SecretId, RecoveryWindowInDays: days = DEFAULT_WINDOW_DAYS } = input;
  if (days < 7 || days > 30) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  const secret = findSecret(context, SecretId);
  if (secret.deletedAt !== null) {
    throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
  }
  const deletedAt = context.now + days * DAY_MS;
  context.storage.setDeletion(secret, deletedAt);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deletedAt) };
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html */
export const restoreSecret = operation(describeRequest, (input, context) => {
  const secret = findSecret(context, input.SecretId);
  context.storage.setDeletion(secret, null);
  return { ARN: secret.arn, Name: secret.name };
});

/** A leading `!` would negate a value, which the stand-in does not do. */
const namePrefix = z.string().check(z.regex(/^[^!]/));

const listRequest = z.strictObject({
  Filters: z.optional(z.array(z.strictObject({ Key: z.literal('name'), Values: z.array(namePrefix) }))),
  IncludePlannedDeletion: z.optional(z.boolean()),
  MaxResults: z.optional(z.int().check(z.minimum(1), z.maximum(DEFAULT_PAGE))),
  NextToken: z.optional(z.string()),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets = operation(listRequest, (input, { storage }) => {
  const { Filters = [], IncludePlannedDeletion = false, MaxResults = DEFAULT_PAGE, NextToken } = input;
  const page: Secret[] = [];
  const isNamed = ({ name }: Secret) =>
    Filters.every(({ Values }) => Values.some((value) => name.startsWith(value)));
  // An index finds the names that begin with one value.
  const values = Filters.flatMap(({ Values }) => Values);
  const [prefix = ''] = values.length === 1 ? values : [];
  const after = NextToken === undefined ? 0 : readToken(NextToken);
  for (const secret of storage.secretsAfter(after, prefix)) {
    if (!isNamed(secret)) continue;
    if (secret.deletedAt !== null && !IncludePlannedDeletion) continue;
    if (page.length === MaxResults) {
      return { SecretList: page.map(toListEntry), NextToken: writeToken(page.at(-1)) };
    }
    page.push(secret);
  }
  return { SecretList: page.map(toListEntry) };
});

function toListEntry(secret: Secret) {
  return { ...described(secret), SecretVersionsToStages: versionsToLabels(secret.labels) };
}

function writeToken(last: Secret | undefined): string {
  return Buffer.from(`after:${last?.id}`).toString('base64url');
}

function readToken(token: string): number {
  const [, id] = /^after:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (id === undefined) throw invalidNextToken();
  return Number(id);
}
