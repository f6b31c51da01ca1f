import * as z from 'zod/mini';
import { describe } from '../description.ts';
import { invalidParameter } from '../faults.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { maxResults, nextToken } from '../requests.ts';
import type { Secret } from '../secret-rows.ts';

const Filter = z.object({
  Key: z.string(),
  Values: z.array(z.string()).check(z.minLength(1, 'Member must have length greater than or equal to 1')),
});

const Request = z.object({
  Filters: z.optional(z.array(Filter)),
  IncludePlannedDeletion: z.optional(z.boolean()),
  MaxResults: maxResults,
  NextToken: nextToken,
  SortBy: z.optional(z.string()),
  SortOrder: z.optional(z.enum(['asc', 'desc'], 'Member must satisfy enum value set: [asc, desc]')),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets = operation(Request, (input, { storage }) => {
  if (input.SortBy !== undefined && input.SortBy !== 'created-date') {
    throw invalidParameter('Here secrets are sorted by created-date only.');
  }
  const tests = (input.Filters ?? []).map(toTest);
  if (input.IncludePlannedDeletion !== true) tests.push((secret) => secret.deletionAt === null);
  const page = pageOf(input, (from) =>
    passing(storage.secrets.inOrder(input.SortOrder ?? 'asc', from), tests),
  );
  return {
    SecretList: page.items.map((secret) => {
      const { versionsToStages, ...rest } = describe(storage, secret);
      return { ...rest, SecretVersionsToStages: versionsToStages };
    }),
    NextToken: page.NextToken,
  };
});

type Test = (secret: Secret) => boolean;

function* passing(secrets: Iterable<Secret>, tests: readonly Test[]): Generator<Secret> {
  for (const secret of secrets) if (tests.every((passes) => passes(secret))) yield secret;
}

/** Prefix match; any value of a filter is enough; `!` before a value turns it round. */
function toTest({ Key, Values }: z.infer<typeof Filter>): Test {
  const read = attribute(Key);
  return (secret) => {
    const words = read(secret);
    return Values.some((value) => {
      const wanted = value.replace(/^!/, '');
      const prefix = Key === 'description' ? wanted.toLowerCase() : wanted;
      return words.some((word) => word.startsWith(prefix)) !== value.startsWith('!');
    });
  };
}

function attribute(key: string): (secret: Secret) => string[] {
  switch (key) {
    case 'name':
      return (secret) => [secret.name];
    case 'description':
      return (secret) => [(secret.description ?? '').toLowerCase()];
    case 'tag-key':
      return (secret) => secret.tags.flatMap((tag) => tag.Key ?? []);
    case 'tag-value':
      return (secret) => secret.tags.flatMap((tag) => tag.Value ?? []);
    default:
      throw invalidParameter('Here secrets are filtered by name, description, tag-key and tag-value only.');
  }
}
