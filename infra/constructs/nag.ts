import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Returns partition, Region and account of a construct the way cdk-nag writes them in the id of a finding: unresolved
 * values as pseudo parameters in angle brackets.
 */
export function environmentInFindings(construct: IConstruct) {
  const { partition, region, account } = Stack.of(construct);
  const written = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return {
    partition: written(partition, 'Partition'),
    region: written(region, 'Region'),
    account: written(account, 'AccountId'),
  };
}
