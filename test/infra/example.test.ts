import { Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Connections } from '../../infra/connections.ts';
import { addPipeline, exampleApp } from '../../infra/example/app.ts';
import { findResources, parseProperties } from './synthesized.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const example = exampleApp(
  {
    codeFor: () => Code.fromInline('//'),
    consoleFiles: () => Source.data('index.html', '<!doctype html>'),
  },
  // CDK's template validation takes seconds; `cdk synth` runs it.
  { builtinCloudFormationValidation: false, treeMetadata: false, analyticsReporting: false },
);
const { platform } = example;
const { connections } = platform;
const { data, messages, api, operations, console } = connections;

// Before the synthesis, which replaces references between stacks by others.
const { violations } = new AwsSolutionsChecks(platform).validateScope(connections);
const pipeline = addPipeline(example);

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

  test("signs users in by the app's user pool, in which the stages have clients alone", () => {
    expect(findResources(data, 'AWS::Cognito::UserPool')).toEqual([]);
    expect(findResources(data, 'AWS::Cognito::UserPoolDomain')).toEqual([]);
    const pool = /Fn::GetStackOutput.*Platform.*Users/;
    const clients = [data, api].flatMap((stack) =>
      parseProperties(stack, 'AWS::Cognito::UserPoolClient', z.object({ UserPoolId: z.unknown() })),
    );
    expect(clients).toHaveLength(2);
    for (const { UserPoolId } of clients) expect(JSON.stringify(UserPoolId)).toMatch(pool);
    const variables = parseProperties(
      api,
      'AWS::Lambda::Function',
      z.object({ Environment: z.optional(z.object({ Variables: z.record(z.string(), z.unknown()) })) }),
    );
    const issuers = variables.flatMap(({ Environment }) => Environment?.Variables.TRUSTED_ISSUERS ?? []);
    expect(issuers).toHaveLength(1);
    const first =
      /^{"Fn::Join":\["",\["\[{\\"issuer\\":\\"https:\/\/cognito-idp\.eu-central-1\.amazonaws\.com\//;
    expect(JSON.stringify(issuers[0])).toMatch(first);
    expect(JSON.stringify(issuers[0])).toMatch(pool);
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

test('a user pool beside an issuer is refused', () => {
  const stack = new Stack();
  const userPool = UserPool.fromUserPoolId(stack, 'Users', 'eu-central-1_0123456789');
  expect(() => new Connections(stack, 'Connections', { settings: VALID_SETTINGS, userPool })).toThrow(
    'identity: must not be set beside a user pool',
  );
});

describe('the pipeline of the example', () => {
  const [stages = []] = parseProperties(
    pipeline,
    'AWS::CodePipeline::Pipeline',
    z.object({
      Stages: z.array(
        z.object({
          Name: z.string(),
          Actions: z.array(z.object({ Name: z.string(), RunOrder: z.number().optional() })),
        }),
      ),
    }),
  ).map(({ Stages }) => Stages);
  const actions = stages.find(({ Name }) => Name === 'Live')?.Actions ?? [];
  const orderOf = (name: string) => actions.find(({ Name }) => Name.startsWith(name))?.RunOrder ?? 0;

  test('deploys the table before its readers, and checks the API at the end', () => {
    expect(stages.map(({ Name }) => Name)).toEqual(['Source', 'Build', 'UpdatePipeline', 'Assets', 'Live']);
    expect(orderOf('connections-live-data.Deploy')).toBeGreaterThan(0);
    expect(orderOf('connections-live-api.Prepare')).toBeGreaterThan(orderOf('connections-live-data.Deploy'));
    expect(orderOf('Smoke')).toBe(Math.max(...actions.map(({ RunOrder = 0 }) => RunOrder)));
  });

  test('has no more actions than a stage of a pipeline may have', () => {
    for (const { Actions } of stages) expect(Actions.length).toBeLessThanOrEqual(50);
  });

  test('requests the API under the domain of the platform', () => {
    const projects = JSON.stringify(findResources(pipeline, 'AWS::CodeBuild::Project'));
    expect(projects).toContain('/v1/projects');
    expect(projects).toContain('https://api.example.com');
  });
});
