import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../grants.ts';
import { secretsPrefix } from '../naming.ts';
import type { House } from './house.ts';

/** The only wildcards in any role, each with why it cannot be narrower. */
export function acknowledgeWildcards(
  role: Role,
  permissions: readonly Permission[],
  { settings }: House,
): void {
  const acknowledge = (resource: string, reason: string) =>
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  acknowledge('*', 'xray:PutTraceSegments and dynamodb:ListStreams know no resources.');
  if (permissions.some((one) => one.startsWith('secrets:'))) {
    const secrets = `secret:${secretsPrefix(settings)}*`;
    acknowledge(`${arnPrefix(role)}:${secrets}`, 'A secret for each connection, made while the system runs.');
  }
}

/** As the finding spells it: what CloudFormation fills in stands in angle brackets. */
function arnPrefix(role: Role): string {
  const { partition, region, account } = Stack.of(role);
  const spelt = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return [
    'arn',
    spelt(partition, 'Partition'),
    'secretsmanager',
    spelt(region, 'Region'),
    spelt(account, 'AccountId'),
  ].join(':');
}
