import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** Network of the functions that call providers. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  /** Subnets with a route to a NAT gateway. @default the private subnets with egress of the VPC. */
  readonly subnets?: SubnetSelection;
  /** Security groups that allow outgoing HTTPS. @default a security group of each function's own. */
  readonly securityGroups?: readonly ISecurityGroup[];
}

/** Parts that a team has already, to use instead of the stage's own. All must be in the account and Region of the stage. */
export interface ExistingParts {
  /**
   * User pool of the API's users, in which the stage creates clients; its sign-in page's origin belongs in
   * `console.issuerOrigins`. For an issuer that is no user pool, set `identity` of the settings instead.
   *
   * @default a user pool of the stage's own, unless the settings have `identity`.
   */
  readonly userPool?: IUserPool;
  /**
   * Event bus for connection events, with its own encryption.
   *
   * @default an encrypted event bus of the stage's own.
   */
  readonly eventBus?: EventBus | IEventBus;
  /**
   * Topic that alarms publish to. Its policy must allow `cloudwatch.amazonaws.com` to publish.
   *
   * @default a topic of the stage's own.
   */
  readonly alarmTopic?: ITopic;
  /**
   * Key of the table and the logs. A key that is imported by its ARN needs the policy of docs/operations.md, "Keys of
   * your own"; the same is true of the other keys. To change a key of a stage that has data is not supported.
   *
   * @default a key of the stage's own.
   */
  readonly tableKey?: IKey;
  /** Key of connections' credentials. @default a key of the stage's own. */
  readonly secretsKey?: IKey;
  /** Key of events and notices. @default a key of the stage's own. */
  readonly messagesKey?: IKey;
  /**
   * VPC of the functions that call providers, so that requests leave from the addresses of its NAT gateways. The subnets
   * also need a way to DynamoDB, Secrets Manager, KMS, SQS and X-Ray: the same NAT gateways, or endpoints.
   *
   * @default functions run outside of any VPC, and call from addresses that change.
   */
  readonly network?: FunctionNetwork;
}
