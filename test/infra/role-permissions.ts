import type { Stack } from 'aws-cdk-lib';
import * as z from 'zod';
import { findResources, parseProperties } from './synthesized.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const policy = z.object({
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

const ofFunction = z.object({
  FunctionName: z.string(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
});

/** How the resource of a statement is called in tests, by what its template says. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/^"\*"$/, 'everything'],
  [/\/index\//, 'its indexes'],
  [/TableKey[0-9A-F]{8}Arn/, 'the table key'],
  [/SecretsKey[0-9A-F]{8}Arn/, 'the secrets key'],
  [/Table[0-9A-F]{8}StreamArn/, 'the stream'],
  [/Table[0-9A-F]{8}Arn/, 'the table'],
  [/ChecksQueue[0-9A-F]{8}Arn/, 'the checks queue'],
  [/EventsBus[0-9A-F]{8}Arn/, 'the bus'],
  [/RefNotices[0-9A-F]{8}/, 'the topic'],
  [/MessagesKey[0-9A-F]{8}Arn/, 'the messages key'],
  [/:secret:connections\/test\/\*"/, 'secrets'],
  [/"Fn::GetAtt":\["\w+Log[0-9A-F]{8}","Arn"\]/, 'its log'],
  [/"Fn::GetAtt":\["\w+DeadLetters[0-9A-F]{8}","Arn"\]/, 'its dead letters'],
];

/**
 * What every function may do, by its name without the stage's prefix: lines such as
 * `dynamodb:GetItem on the table for IDEMPOTENCY#*`.
 */
export function permissionsByFunction(stack: Stack): ReadonlyMap<string, readonly string[]> {
  const policies = parseProperties(stack, 'AWS::IAM::Policy', policy);
  return new Map(
    parseProperties(stack, 'AWS::Lambda::Function', ofFunction).map(({ FunctionName, Role }) => {
      const [role] = Role['Fn::GetAtt'];
      const own = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
      const statements = own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      return [FunctionName.replace('connections-test-', ''), statements.flatMap(rights).toSorted()];
    }),
  );
}

function rights(
  statement: z.output<typeof policy>['PolicyDocument']['Statement'][number],
): readonly string[] {
  const { Action, Resource, Condition = {} } = statement;
  const conditions = Object.values(Condition).flatMap((tests) => Object.entries(tests));
  const suffix = conditions.map(([name, value]) => ` ${conditionText(name, value)}`).join('');
  return Action.map((action) => `${action} on ${resourceName(Resource)}${suffix}`);
}

function resourceName(resource: unknown): string {
  const text = JSON.stringify(resource);
  return RESOURCES.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

function conditionText(name: string, value: unknown): string {
  if (name === 'dynamodb:LeadingKeys') return `for ${z.array(z.string()).parse(value).join(', ')}`;
  const service = /"(dynamodb|secretsmanager|sns)\./.exec(JSON.stringify(value))?.[1];
  return name === 'kms:ViaService' && service
    ? `through ${service}`
    : `if ${name} is ${JSON.stringify(value)}`;
}

/** Roles that bring rights from elsewhere: managed policies, policies within the role, boundaries. */
export function rolesWithOtherPermissions(stack: Stack): readonly string[] {
  return findResources(stack, 'AWS::IAM::Role')
    .filter(({ Properties = {} }) =>
      Object.keys(Properties).some((key) => key !== 'AssumeRolePolicyDocument'),
    )
    .filter(({ Properties = {} }) => 'ManagedPolicyArns' in Properties || 'Policies' in Properties)
    .map(({ id }) => id);
}
