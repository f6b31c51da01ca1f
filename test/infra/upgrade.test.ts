import { expect, test } from 'vitest';
import { findResources, synthesizeStage } from './synthesized.ts';

/**
 * Resources whose replacement would lose data, subscribers or an address, and their properties that CloudFormation
 * changes only by a replacement.
 */
const LASTING: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::Cognito::UserPool': ['UsernameAttributes', 'AliasAttributes'],
  'AWS::Cognito::UserPoolDomain': ['Domain'],
  'AWS::Cognito::UserPoolClient': ['GenerateSecret'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::Events::Archive': ['ArchiveName'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::SQS::Queue': ['QueueName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::CloudFront::Distribution': [],
};

// The file is of the release before. A new resource adds an entry (`npx vitest run test/infra/upgrade.test.ts -u`); an entry
// that changes or goes away is one that an upgrade replaces or deletes.
test('an upgrade replaces no resource that holds data, subscribers or an address', async () => {
  const { data, messages, api, console, operations } = synthesizeStage({ identity: undefined });
  const stacks = [data, messages, api, operations, ...(console ? [console] : [])];
  const lasting = stacks.flatMap((stack) =>
    findResources(stack).flatMap(({ id, Type, Properties = {} }) => {
      const fixed = LASTING[Type]?.filter((name) => name in Properties);
      if (fixed === undefined) return [];
      const properties = fixed.map((name) => `${name}: ${JSON.stringify(Properties[name])}`);
      return [[`${stack.stackName}/${id}`, [Type, ...properties].join(', ')] as const];
    }),
  );
  await expect(`${JSON.stringify(Object.fromEntries(lasting), null, 2)}\n`).toMatchFileSnapshot(
    'lasting-resources.json',
  );
});
