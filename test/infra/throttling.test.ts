import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const plain = synthesizeStage();
const apart = synthesizeStage({
  throttling: { rate: 20, burst: 40, engine: { rate: 300, burst: 600, reservedConcurrency: 50 } },
  throttledKeys: true,
});

const stageProperties = z.object({
  DefaultRouteSettings: z.unknown(),
  RouteSettings: z.record(z.string(), z.unknown()).optional(),
});
const reserved = (stage: typeof plain) =>
  parseProperties(
    stage.api,
    'AWS::Lambda::Function',
    z.object({ FunctionName: z.string().optional(), ReservedConcurrentExecutions: z.number().optional() }),
  ).filter(({ ReservedConcurrentExecutions }) => ReservedConcurrentExecutions !== undefined);

describe('a stage that throttles the engine apart', () => {
  test("has the engine's throttle on exactly the routes of the engine", () => {
    const [stage] = parseProperties(apart.api, 'AWS::ApiGatewayV2::Stage', stageProperties);
    const routes = findResources(apart.api, 'AWS::ApiGatewayV2::Route');
    const ofEngine = routes.filter(({ Properties }) => Properties?.AuthorizationType === 'AWS_IAM');
    const limits = { ThrottlingRateLimit: 300, ThrottlingBurstLimit: 600 };
    expect(ofEngine.length).toBeGreaterThan(3);
    expect(stage?.RouteSettings).toEqual(
      Object.fromEntries(ofEngine.map(({ Properties }) => [Properties?.RouteKey, limits])),
    );
    expect(stage?.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 });
  });

  test('creates those routes before the stage', () => {
    const dependencies = z
      .object({ DependsOn: z.array(z.string()) })
      .parse(resourceOf('AWS::ApiGatewayV2::Stage'));
    const routes = findResources(apart.api, 'AWS::ApiGatewayV2::Route');
    const ofEngine = routes.filter(({ Properties }) => Properties?.AuthorizationType === 'AWS_IAM');
    expect(dependencies.DependsOn).toEqual(expect.arrayContaining(ofEngine.map(({ id }) => id)));
  });

  test('keeps concurrency for issuing credentials alone', () => {
    expect(reserved(apart)).toEqual([
      { FunctionName: 'connections-test-engine-issue-credentials', ReservedConcurrentExecutions: 50 },
    ]);
    expect(reserved(plain)).toEqual([]);
  });
});

function resourceOf(type: string): unknown {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) })
    .parse(Template.fromStack(apart.api).toJSON());
  return Object.values(Resources).find(({ Type }) => Type === type);
}

test('throttledKeys names the throttled keys of the table and of each index', () => {
  const insights = z.object({ Enabled: z.literal(true), Mode: z.literal('THROTTLED_KEYS') });
  const [table] = parseProperties(
    apart.data,
    'AWS::DynamoDB::Table',
    z.object({
      ContributorInsightsSpecification: insights,
      GlobalSecondaryIndexes: z.array(z.object({ ContributorInsightsSpecification: insights })),
    }),
  );
  expect(table?.GlobalSecondaryIndexes).toHaveLength(TABLE.indexes.length);
  expect(JSON.stringify(findResources(plain.data, 'AWS::DynamoDB::Table'))).not.toContain(
    'ContributorInsights',
  );
});

test('a stage without these settings has neither', () => {
  const [stage] = parseProperties(plain.api, 'AWS::ApiGatewayV2::Stage', stageProperties);
  expect(stage?.RouteSettings).toBeUndefined();
});
