import { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { exampleApp } from '../../infra/example/app.ts';
import { findResources, parseProperties } from './synthesized.ts';

const { platform } = exampleApp({
  codeFor: () => Code.fromInline('//'),
  consoleFiles: () => Source.data('index.html', '<!doctype html>'),
});
const { connections } = platform;
const { data, messages, api, operations, console } = connections;

// Before the synthesis, which replaces references between stacks by others.
const { violations } = new AwsSolutionsChecks(platform).validateScope(connections);

describe('the example of an app with its own parts', () => {
  test('synthesizes below its own Stage, in the names of the stage', () => {
    const names = [data, messages, api, operations, console].map((stack) => stack?.stackName);
    expect(names).toEqual(
      ['data', 'messages', 'api', 'operations', 'console'].map((name) => `connections-live-${name}`),
    );
    expect(platform.synth().stacks).toHaveLength(7);
  });

  test('creates no part that the app has', () => {
    const keys = parseProperties(data, 'AWS::KMS::Key', z.object({ Description: z.string() }));
    expect(keys).toEqual([{ Description: 'Encrypts backups of the table of connections' }]);
    expect(findResources(messages, 'AWS::KMS::Key')).toEqual([]);
    expect(findResources(messages, 'AWS::Events::EventBus')).toEqual([]);
    expect(findResources(operations, 'AWS::SNS::Topic')).toEqual([]);
  });

  test('bounds the permissions of every role', () => {
    const boundary = z.object({
      PermissionsBoundary: z.literal('arn:aws:iam::123456789012:policy/boundary'),
    });
    for (const stack of [data, messages, api, ...(console ? [console] : [])]) {
      expect(parseProperties(stack, 'AWS::IAM::Role', boundary).length).toBeGreaterThan(0);
    }
  });

  test('runs the functions that call providers in the VPC, and no others', () => {
    const functions = z.object({ FunctionName: z.string(), VpcConfig: z.optional(z.unknown()) });
    const inVpc = parseProperties(api, 'AWS::Lambda::Function', functions)
      .filter(({ VpcConfig }) => VpcConfig !== undefined)
      .map(({ FunctionName }) => FunctionName);
    expect(inVpc).toContain('connections-live-check-connections');
    expect(inVpc).not.toContain('connections-live-connections-list');
  });

  test('serves the API under its domain, and the console behind the web ACL', () => {
    expect(connections.apiUrl).toBe('https://api.example.com');
    expect(parseProperties(api, 'AWS::ApiGatewayV2::DomainName', z.unknown())).toEqual([
      expect.objectContaining({ DomainName: 'api.example.com' }),
    ]);
    expect(findResources(api, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(parseProperties(api, 'AWS::CloudFront::Distribution', z.unknown())).toEqual([
      {
        DistributionConfig: expect.objectContaining({ WebACLId: expect.stringContaining(':global/webacl/') }),
      },
    ]);
  });

  test('has no unacknowledged finding of cdk-nag below the construct', () => {
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });

  test("allows the engine's role its routes", () => {
    const policies = JSON.stringify(
      findResources(Stack.of(platform.node.findChild('Engine')), 'AWS::IAM::Policy'),
    );
    expect(policies).toContain('execute-api:Invoke');
  });
});
