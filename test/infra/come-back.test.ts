import { describe, expect, test } from 'vitest';
import { findResources, synthesizeStage } from './synthesized.ts';

const { data, messages, api } = synthesizeStage({ identity: undefined, whenDeleted: 'keep' });

const isKept = ({ DeletionPolicy = '' }) => DeletionPolicy.startsWith('Retain');
const queueNames = (stack: typeof api | typeof messages) =>
  findResources(stack, 'AWS::SQS::Queue').map(({ Properties }) => String(Properties?.QueueName));

describe('after its deletion, the API stack', () => {
  test('leaves log groups, dead-letter queues and a bucket of a generated name, and nothing else', () => {
    const kept = findResources(api).filter(isKept);
    expect(new Set(kept.map(({ Type }) => Type))).toEqual(
      new Set(['AWS::Logs::LogGroup', 'AWS::SQS::Queue', 'AWS::S3::Bucket']),
    );
    const buckets = kept.filter(({ Type }) => Type === 'AWS::S3::Bucket');
    for (const { Properties } of buckets) expect(Properties).not.toHaveProperty('BucketName');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
  test('leaves log groups that CloudFormation imports: of a fixed name, and kept', () => {
    for (const { DeletionPolicy, Properties } of findResources(api, 'AWS::Logs::LogGroup')) {
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(Properties?.LogGroupName).toEqual(expect.any(String));
    }
  });

  test('leaves queues with the prefixes of the runbook, which no queue of the messages stack has', () => {
    const prefix = /^connections-test-(schedules-|streams-|events-notify-)/;
    expect(queueNames(api).filter((name) => !prefix.test(name))).toEqual([]);
    expect(queueNames(messages).filter((name) => prefix.test(name))).toEqual([]);
  });
});

test('after a failed first deployment, the data stack leaves one name that is taken: of the table', () => {
  const named = findResources(data)
    .filter(isKept)
    .flatMap(({ Properties = {} }) => ['TableName', 'Name'].flatMap((name) => Properties[name] ?? []));
  expect(named).toEqual(['connections-test-table']);
});
