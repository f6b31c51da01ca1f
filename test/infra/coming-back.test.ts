import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findResources, type Resource, synthesizeStage } from './synthesized.ts';

const EVERY_OPTION = { identity: undefined, backup: {}, throttledKeys: true };
const { data, messages, api, operations, console } = synthesizeStage(EVERY_OPTION);
const dataResources = findResources(data);

/** Types that `cdk import` asks an identifier for (docs/operations.md, "Bring the data stack back"). */
const IMPORTED_BY_HAND = new Set([
  'AWS::Backup::BackupVault',
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
]);

const remains = ({ DeletionPolicy = 'Delete' }: Resource): boolean => DeletionPolicy !== 'Delete';

function ofTypes(types: ReadonlySet<string>): readonly Resource[] {
  return dataResources.filter(({ Type }) => types.has(Type));
}

/** Returns the logical ids to which a value of a template refers. */
function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string' && !inner.startsWith('AWS::')) return [inner];
    if (key === 'Fn::GetAtt') return z.array(z.string()).parse(inner).slice(0, 1);
    return references(inner);
  });
}

describe('a stack that was deleted', () => {
  test('leaves nothing that its next deployment does not import by name, apart from the data stack', () => {
    const stacks = [messages, api, operations, ...(console ? [console] : [])];
    const left = stacks.flatMap((stack) => findResources(stack)).filter(remains);
    expect(new Set(left.map(({ Type }) => Type))).toEqual(
      new Set(['AWS::Logs::LogGroup', 'AWS::S3::Bucket']),
    );
    const named = left.flatMap(({ Type, Properties = {} }) =>
      Object.entries(Properties).flatMap(([key, value]) =>
        typeof value === 'string' && key.endsWith('Name') ? [`${Type} ${key}`] : [],
      ),
    );
    expect(new Set(named)).toEqual(new Set(['AWS::Logs::LogGroup LogGroupName']));
  });

  test('leaves all that holds data, if it is the data stack, which refers to nothing that is not left', () => {
    const left = dataResources.filter(remains);
    expect(new Set(left.map(({ Type }) => Type))).toEqual(IMPORTED_BY_HAND);
    expect(ofTypes(IMPORTED_BY_HAND)).toEqual(left);
    const ids = new Set(left.map(({ id }) => id));
    for (const { Properties } of left)
      for (const reference of references(Properties)) expect(ids).toContain(reference);
  });
});

describe('a first deployment of the data stack that fails', () => {
  test('removes what it created, apart from table and user pool, which are protected', () => {
    const kept = dataResources.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ Type }) => Type).toSorted()).toEqual([
      'AWS::Cognito::UserPool',
      'AWS::DynamoDB::Table',
    ]);
  });

  test('fails before it creates the table, unless the table or its backup plan fails', () => {
    const table = dataResources.find(({ Type }) => Type === 'AWS::DynamoDB::Table');
    const before = new Set([...(table?.DependsOn ?? []), ...references(table?.Properties)]);
    const after = dataResources.filter(({ id }) => id !== table?.id && !before.has(id));
    // The last two are those of the backups: the vault, which the table waits for, needs its key.
    const types = new Set(after.map(({ Type }) => Type));
    expect([...types].toSorted()).toEqual([
      'AWS::Backup::BackupPlan',
      'AWS::Backup::BackupSelection',
      'AWS::IAM::Role',
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
    ]);
  });
});
