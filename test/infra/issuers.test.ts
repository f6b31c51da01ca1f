import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { authorizers } from '../../shared/contract/http/authorizers.ts';
import { routes } from '../../shared/contract/http/index.ts';
import type { Route } from '../../shared/contract/http/route.ts';
import { permissionsByFunction, rolesWithOtherPermissions } from './role-permissions.ts';
import { findResources, parseProperties, type SynthesizedStage, synthesizeStage } from './synthesized.ts';

const AT_JWT = 'at+jwt' as const;
const OTHER = { issuer: 'https://new.example.com', audience: ['api'], accessTokenType: AT_JWT };
const NAME = 'verify-tokens';

const FIRST = { issuer: 'https://issuer.example.com/', audience: ['connections'], accessTokenType: AT_JWT };

const one = synthesizeStage({ identity: FIRST });
const several = synthesizeStage({ identity: FIRST, otherIssuers: [OTHER] });
const withUserPool = synthesizeStage({
  ...{ identity: undefined, console: {}, otherIssuers: [OTHER] },
  releases: { canaryMinutes: 15 },
});

const functionProperties = z.looseObject({
  FunctionName: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});
const functionsOf = ({ api }: SynthesizedStage) =>
  parseProperties(api, 'AWS::Lambda::Function', functionProperties);
const variableOf = (stage: SynthesizedStage, name: string) =>
  functionsOf(stage).flatMap(({ Environment: { Variables } }) =>
    name in Variables ? [Variables[name]] : [],
  );
const accessLogOf = ({ api }: SynthesizedStage) => {
  const schema = z.object({ AccessLogSettings: z.object({ Format: z.string() }) });
  const [stage] = parseProperties(api, 'AWS::ApiGatewayV2::Stage', schema);
  return JSON.parse(stage?.AccessLogSettings.Format ?? '');
};

describe('a stage with one issuer', () => {
  test('has no function that verifies tokens', () => {
    expect(functionsOf(one).map(({ FunctionName }) => FunctionName)).not.toContain(
      `connections-test-${NAME}`,
    );
    expect(accessLogOf(one)).toMatchObject({ user: '$context.authorizer.claims.sub' });
  });
});

describe('a stage with several issuers', () => {
  const { api, operations } = several;

  test('verifies the tokens of every route of users by one function', () => {
    const [{ id, Properties } = { id: '', Properties: {} }, ...others] = findResources(
      api,
      'AWS::ApiGatewayV2::Authorizer',
    );
    expect(others).toEqual([]);
    // Another resource: CloudFormation creates it, moves the routes, and deletes the one for a single issuer.
    expect(findResources(one.api).map((resource) => resource.id)).not.toContain(id);
    expect(Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 60,
    });
    const ofUsers = Object.values<Route>(routes).filter(({ caller }) => caller.kind === 'user');
    const route = z.object({ AuthorizationType: z.string(), AuthorizerId: z.optional(z.unknown()) });
    const guarded = parseProperties(api, 'AWS::ApiGatewayV2::Route', route).filter(
      ({ AuthorizationType }) => AuthorizationType === 'CUSTOM',
    );
    expect(guarded).toHaveLength(ofUsers.length);
    expect(new Set(guarded.map(({ AuthorizerId }) => JSON.stringify(AuthorizerId)))).toEqual(
      new Set([JSON.stringify({ Ref: id })]),
    );
  });

  test('leaves every other function as it is with one', () => {
    const names = (stage: SynthesizedStage) => functionsOf(stage).map(({ FunctionName }) => FunctionName);
    expect(names(several).filter((name) => !names(one).includes(name))).toEqual([`connections-test-${NAME}`]);
    expect(permissionsByFunction(api).get(NAME)).toEqual(
      [
        'logs:CreateLogStream on its log',
        'logs:PutLogEvents on its log',
        'xray:PutTelemetryRecords on everything',
        'xray:PutTraceSegments on everything',
      ].toSorted(),
    );
    expect(rolesWithOtherPermissions(api)).toEqual([]);
  });

  test('has an alarm for errors of the function, and its log group', () => {
    const alarms = parseProperties(operations, 'AWS::CloudWatch::Alarm', z.object({ AlarmName: z.string() }));
    expect(alarms.map(({ AlarmName }) => AlarmName)).toContain(`connections-test-function-errors-${NAME}`);
    const logs = parseProperties(api, 'AWS::Logs::LogGroup', z.object({ LogGroupName: z.string() }));
    expect(logs.map(({ LogGroupName }) => LogGroupName)).toContain(
      `/connections/test/${authorizers.verifyTokens.entry}`,
    );
  });

  test('gives the function the issuers with their audiences and types', () => {
    const [variable, ...others] = variableOf(several, 'TRUSTED_ISSUERS');
    expect(others).toEqual([]);
    expect(JSON.parse(String(variable))).toEqual([FIRST, OTHER]);
  });

  test('leaves the type of tokens to the function, which knows the issuer', () => {
    expect(new Set(variableOf(one, 'ACCESS_TOKEN_TYPE'))).toEqual(new Set([AT_JWT]));
    expect(variableOf(several, 'ACCESS_TOKEN_TYPE')).toEqual([]);
  });

  test('logs the user, and why a token was refused', () => {
    expect(accessLogOf(several)).toMatchObject({
      user: '$context.authorizer.sub',
      tokenRefusal: '$context.authorizer.refusal',
    });
  });

  test('accepts the user pool and its clients first, where the settings have no identity', () => {
    const [variable] = variableOf(withUserPool, 'TRUSTED_ISSUERS');
    const text = JSON.stringify(variable);
    expect(text).toMatch(/^{"Fn::Join":\["",\["\[{\\"issuer\\":\\"https:\/\/cognito-idp\./);
    expect(text).toContain('ConsoleClient');
    expect(text).toContain(OTHER.issuer);
  });

  test('signs users of the console in with the first issuer', () => {
    const configurations = globSync(join(several.app.outdir, 'asset.*/config.json'));
    expect(configurations.map((file) => readFileSync(file, 'utf8'))).toEqual([
      expect.stringContaining(FIRST.issuer),
    ]);
  });

  test('invokes a released version of the function', () => {
    const { api: released } = withUserPool;
    const aliases = findResources(released, 'AWS::Lambda::Alias').map(({ id }) => id);
    const authorizer = JSON.stringify(findResources(released, 'AWS::ApiGatewayV2::Authorizer'));
    expect(aliases.filter((id) => authorizer.includes(`"${id}"`))).toHaveLength(1);
    expect(findResources(released).length).toBeLessThan(490);
  });
});
