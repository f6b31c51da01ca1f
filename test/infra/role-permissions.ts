import type { Stack } from 'aws-cdk-lib';
import * as z from 'zod';
import { findResources, parseProperties } from './synthesized.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const policyProperties = z.object({
  Roles: z.array(z.object({ Ref: z.string() })),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: oneOrMore,
        Resource: z.unknown(),
        Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      }),
    ),
  }),
});

const functionProperties = z.object({
  FunctionName: z.string(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
});

/** Names of resources in tests, by a pattern of their reference in the template. */
const RESOURCE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^"\*"$/, 'everything'],
  [/^{"Fn::ImportValue":"connections-test-table-index-/, 'its indexes'],
  [/TableKey[0-9A-F]{8}Arn/, 'the table key'],
  [/SecretsKey[0-9A-F]{8}Arn/, 'the secrets key'],
  [/Table[0-9A-F]{8}StreamArn/, 'the stream'],
  [/Table[0-9A-F]{8}Arn/, 'the table'],
  [/ChecksQueue[0-9A-F]{8}Arn/, 'the checks queue'],
  [/EventsBus[0-9A-F]{8}Arn/, 'the bus'],
  [/RefNotices[0-9A-F]{8}/, 'the topic'],
  [/MessagesKey[0-9A-F]{8}Arn/, 'the messages key'],
  [/:secret:connections\/test\/\*"/, 'secrets'],
  [/:secret:connections-oauth-clients\/test\/\*"/, 'OAuth clients'],
  [/RefDataKey[0-9A-F]{8}/, 'the data key'],
  [/RefCredentialsKey[0-9A-F]{8}/, 'the credentials key'],
  [/"Fn::GetAtt":\["\w+Log[0-9A-F]{8}","Arn"\]/, 'its log'],
  [/"Fn::GetAtt":\["\w+DeadLetters[0-9A-F]{8}","Arn"\]/, 'its dead letters'],
];

/**
 * Lists the permissions of every function, by its name without the stage's prefix, as lines such as
 * `dynamodb:GetItem on the table for IDEMPOTENCY#*`.
 */
export function permissionsByFunction(stack: Stack): ReadonlyMap<string, readonly string[]> {
  const policies = parseProperties(stack, 'AWS::IAM::Policy', policyProperties);
  return new Map(
    parseProperties(stack, 'AWS::Lambda::Function', functionProperties).map(({ FunctionName, Role }) => {
      const [role] = Role['Fn::GetAtt'];
      const attached = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
      const statements = attached.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      return [
        FunctionName.replace('connections-test-', ''),
        statements.flatMap(describeStatement).toSorted(),
      ];
    }),
  );
}

function describeStatement(
  statement: z.output<typeof policyProperties>['PolicyDocument']['Statement'][number],
): readonly string[] {
  const { Action, Resource, Condition = {} } = statement;
  const conditions = Object.values(Condition).flatMap((tests) => Object.entries(tests));
  const suffix = conditions.map(([name, value]) => ` ${describeCondition(name, value)}`).join('');
  const names = new Set((Array.isArray(Resource) ? Resource : [Resource]).map(resourceName));
  return Action.flatMap((action) => Array.from(names, (name) => `${action} on ${name}${suffix}`));
}

function resourceName(resource: unknown): string {
  const text = JSON.stringify(resource);
  return RESOURCE_NAMES.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

function describeCondition(name: string, value: unknown): string {
  if (name === 'dynamodb:LeadingKeys') return `for ${z.array(z.string()).parse(value).join(', ')}`;
  const service = /"(dynamodb|secretsmanager|sns)\./.exec(JSON.stringify(value))?.[1];
  return name === 'kms:ViaService' && service
    ? `through ${service}`
    : `if ${name} is ${JSON.stringify(value)}`;
}

/** Finds roles with permissions from elsewhere: managed policies or inline policies of the role itself. */
export function rolesWithOtherPermissions(stack: Stack): readonly string[] {
  return findResources(stack, 'AWS::IAM::Role')
    .filter(({ Properties = {} }) => 'ManagedPolicyArns' in Properties || 'Policies' in Properties)
    .map(({ id }) => id);
}
