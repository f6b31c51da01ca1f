import { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ConnectionsTable } from '../../infra/constructs/connections-table.ts';
import { TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { exportsOf, findResources, parseProperties, synthesizeStage, testApp } from './synthesized.ts';

const { data } = synthesizeStage();

describe('the table', () => {
  test('is retained, protected from deletion, encrypted with our key, and restorable for 35 days', () => {
    expect(findResources(data, 'AWS::DynamoDB::Table')).toEqual([
      expect.objectContaining({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: expect.objectContaining({
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
          SSESpecification: {
            SSEEnabled: true,
            SSEType: 'KMS',
            KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^TableKey/), 'Arn'] },
          },
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          TimeToLiveSpecification: { AttributeName: TABLE.ttl, Enabled: true },
        }),
      }),
    ]);
  });

  test('has the keys and indexes of its definition, and no others', () => {
    const keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
    const schema = z.object({
      KeySchema: keys,
      AttributeDefinitions: z.array(z.object({ AttributeType: z.string() })),
      GlobalSecondaryIndexes: z.array(
        z.object({ IndexName: z.string(), KeySchema: keys, Projection: z.unknown() }),
      ),
    });
    const [table] = parseProperties(data, 'AWS::DynamoDB::Table', schema);
    const declaredKeys = (partitionKey: string, sortKey: string) => [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ];
    expect(table?.KeySchema).toEqual(declaredKeys(TABLE.partitionKey, TABLE.sortKey));
    expect(new Set(table?.AttributeDefinitions.map(({ AttributeType }) => AttributeType))).toEqual(
      new Set(['S']),
    );
    expect(table?.GlobalSecondaryIndexes).toEqual(
      [...TABLE.indexes, ...TABLE.unqueriedIndexes].map(({ name, partitionKey, sortKey, projection }) => ({
        IndexName: name,
        KeySchema: declaredKeys(partitionKey, sortKey),
        Projection:
          projection === 'KEYS_ONLY'
            ? { ProjectionType: 'KEYS_ONLY' }
            : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection] },
      })),
    );
  });
});

describe('an index that no function queries', () => {
  const index = (name: string) => ({
    name,
    partitionKey: 'ownerKey',
    sortKey: 'sk',
    projection: ['summary'],
  });
  const definition = {
    ...TABLE,
    indexes: [index('queried')],
    unqueriedIndexes: [index('first'), index('second')],
  };

  /** Returns the indexes of a table of this definition, in a stage that leaves some out; the stack exports each. */
  function indexesWithout(...withoutIndexes: readonly string[]): readonly string[] {
    const stack = new Stack(testApp());
    const encryptionKey = new Key(stack, 'Key');
    new ConnectionsTable(stack, 'Table', {
      tableName: 'table',
      encryptionKey,
      definition,
      withoutIndexes,
      throttledKeys: false,
    });
    const schema = z.object({ GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string() })) });
    const [table] = parseProperties(stack, 'AWS::DynamoDB::Table', schema);
    const names = table?.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName) ?? [];
    const exported = names.map((name) => [
      `table-index-${name}`,
      { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^Table/), 'Arn'] }, `/index/${name}`]] },
    ]);
    expect([...exportsOf(stack)]).toEqual(exported);
    return names;
  }

  test('is in the table, unless the stage leaves it out', () => {
    expect(indexesWithout()).toEqual(['queried', 'first', 'second']);
    expect(indexesWithout('second')).toEqual(['queried', 'first']);
    expect(indexesWithout('first', 'second')).toEqual(['queried']);
  });

  test('is the only one that a stage can leave out', () => {
    expect(indexesWithout('queried')).toContain('queried');
    expect(() => synthesizeStage({ withoutIndexes: ['checks'] })).toThrow(
      'withoutIndexes.0: must be an index that no function queries',
    );
  });
});

describe('the data stack', () => {
  test('is protected from deletion, and its resources are retained', () => {
    expect(data.terminationProtection).toBe(true);
    const retainedTypes = [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::SecretsManager::Secret',
      'AWS::Cognito::UserPool',
    ];
    const { data: withUserPool } = synthesizeStage({ identity: undefined, whenDeleted: 'remove' });
    const retained = findResources(withUserPool).filter(({ DeletionPolicy }) =>
      DeletionPolicy?.startsWith('Retain'),
    );
    expect(new Set(retained.map(({ Type }) => Type))).toEqual(new Set(retainedTypes));
  });

  test('has a key for the table and one for the secrets, both with rotation', () => {
    const keys = z.object({ Description: z.string(), EnableKeyRotation: z.literal(true) });
    expect(parseProperties(data, 'AWS::KMS::Key', keys)).toHaveLength(2);
  });

  test('allows CloudWatch Logs to encrypt log groups of this stage only', () => {
    const policy = JSON.stringify(findResources(data, 'AWS::KMS::Key'));
    expect(policy).toContain(':log-group:/connections/test/*');
    expect(policy).toContain(':log-group:/aws/vendedlogs/connections/test/access');
    expect(policy).not.toContain(':log-group:*');
  });

  test('has a user pool only without an issuer in the settings', () => {
    expect(findResources(data, 'AWS::Cognito::UserPool')).toEqual([]);
    const { data: withUserPool } = synthesizeStage({ identity: undefined });
    expect(findResources(withUserPool, 'AWS::Cognito::UserPool')).toHaveLength(1);
    expect(parseProperties(withUserPool, 'AWS::Cognito::UserPoolClient', z.unknown())).toEqual([
      expect.objectContaining({
        AllowedOAuthFlows: ['code'],
        CallbackURLs: ['https://app.example.com/'],
        PreventUserExistenceErrors: 'ENABLED',
      }),
    ]);
  });

  test('has a sign-in page for the client of its user pool, with a domain and a branding style', () => {
    const { data: withUserPool } = synthesizeStage({ identity: undefined });
    const [client] = findResources(withUserPool, 'AWS::Cognito::UserPoolClient');
    expect(parseProperties(withUserPool, 'AWS::Cognito::UserPoolDomain', z.unknown())).toEqual([
      expect.objectContaining({ ManagedLoginVersion: 2 }),
    ]);
    expect(parseProperties(withUserPool, 'AWS::Cognito::ManagedLoginBranding', z.unknown())).toEqual([
      expect.objectContaining({ ClientId: { Ref: client?.id }, UseCognitoProvidedValues: true }),
    ]);
  });

  test('has the tags of the stage', () => {
    expect(data.tags.tagValues()).toEqual({ project: 'connections', stage: 'test', team: 'flows' });
  });
});
