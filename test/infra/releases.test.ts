import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const withCanary = synthesizeStage({ releases: { canaryMinutes: 15 } });
const plain = synthesizeStage();
const ref = z.object({ Ref: z.string() });

describe('a stage with releases', () => {
  const { api, operations } = withCanary;
  const functionIds = (stage: typeof plain) =>
    findResources(stage.api, 'AWS::Lambda::Function').map(({ id }) => id);
  const aliasIds = findResources(api, 'AWS::Lambda::Alias').map(({ id }) => id);

  test('has the functions of one without, and an alias and a deployment group for each', () => {
    expect(functionIds(withCanary)).toEqual(functionIds(plain));
    const aliases = parseProperties(
      api,
      'AWS::Lambda::Alias',
      z.object({ Name: z.literal('live'), FunctionName: ref }),
    );
    const versioned = aliases.map(({ FunctionName }) => FunctionName.Ref);
    expect(versioned.length).toBeGreaterThan(30);
    const own = findResources(api, 'AWS::Lambda::Function').flatMap(({ id, Properties }) =>
      String(Properties?.FunctionName).startsWith('connections-test-') ? [id] : [],
    );
    expect(versioned.toSorted()).toEqual(own.toSorted());
    expect(findResources(api, 'AWS::CodeDeploy::DeploymentGroup')).toHaveLength(own.length);
    expect(findResources(api, 'AWS::CodeDeploy::Application')).toHaveLength(1);
  });

  test('invokes every function by its alias', () => {
    const invokers = [
      ...parseProperties(api, 'AWS::ApiGatewayV2::Integration', z.object({ IntegrationUri: z.unknown() })),
      ...parseProperties(api, 'AWS::Events::Rule', z.object({ Targets: z.array(z.unknown()).length(1) })),
      ...parseProperties(api, 'AWS::Lambda::EventSourceMapping', z.object({ FunctionName: z.unknown() })),
      ...parseProperties(
        api,
        'AWS::Lambda::Permission',
        z.object({ FunctionName: z.unknown(), Principal: z.string() }),
      ).filter(({ Principal }) => Principal !== 'cloudfront.amazonaws.com'),
    ];
    const invoked = invokers.map((one) => aliasIds.find((id) => JSON.stringify(one).includes(`"${id}"`)));
    expect(invoked).not.toContain(undefined);
    expect(new Set(invoked)).toEqual(new Set(aliasIds));
  });

  test('keeps the retries and destinations of asynchronous invocations', () => {
    const destinations = (stage: typeof plain, qualifier: unknown) =>
      parseProperties(
        stage.api,
        'AWS::Lambda::EventInvokeConfig',
        z.object({
          Qualifier: z.unknown(),
          DestinationConfig: z.unknown(),
          MaximumRetryAttempts: z.number(),
        }),
      )
        .filter(({ Qualifier }) => (Qualifier === '$LATEST') === (qualifier === '$LATEST'))
        .map(({ Qualifier: _, ...rest }) => rest);
    expect(destinations(withCanary, 'live')).toEqual(destinations(plain, '$LATEST'));
    expect(destinations(plain, '$LATEST').length).toBeGreaterThan(3);
  });

  test('ends a canary by alarms that the operations stack has', () => {
    const existing = parseProperties(
      operations,
      'AWS::CloudWatch::Alarm',
      z.object({ AlarmName: z.string() }),
    );
    const names = new Set(existing.map(({ AlarmName }) => AlarmName));
    const groups = parseProperties(
      api,
      'AWS::CodeDeploy::DeploymentGroup',
      z.object({
        AlarmConfiguration: z.object({
          Enabled: z.literal(true),
          Alarms: z.array(z.object({ Name: z.string() })).min(1),
        }),
        AutoRollbackConfiguration: z.object({ Enabled: z.literal(true), Events: z.array(z.string()) }),
        DeploymentConfigName: z.literal('CodeDeployDefault.LambdaCanary10Percent15Minutes'),
      }),
    );
    for (const { AlarmConfiguration, AutoRollbackConfiguration } of groups) {
      for (const { Name } of AlarmConfiguration.Alarms) expect(names).toContain(Name);
      expect(AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM');
    }
  });

  test('fits into one stack', () => {
    expect(findResources(api).length).toBeLessThan(480);
  });
});

test('0 minutes move all traffic at once, whatever the alarms say', () => {
  const { api } = synthesizeStage({ releases: { canaryMinutes: 0 } });
  const groups = parseProperties(
    api,
    'AWS::CodeDeploy::DeploymentGroup',
    z.object({ AlarmConfiguration: z.object({ Enabled: z.boolean() }), DeploymentConfigName: z.string() }),
  );
  expect(new Set(groups.map((group) => group.AlarmConfiguration.Enabled))).toEqual(new Set([false]));
  expect(new Set(groups.map((group) => group.DeploymentConfigName))).toEqual(
    new Set(['CodeDeployDefault.LambdaAllAtOnce']),
  );
});

test('a stage without releases has neither versions nor aliases', () => {
  for (const type of ['Lambda::Version', 'Lambda::Alias', 'CodeDeploy::DeploymentGroup']) {
    expect(findResources(plain.api, `AWS::${type}`)).toEqual([]);
  }
});
