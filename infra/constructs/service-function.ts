import { type Duration, Validations } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type EventInvokeConfigOptions,
  type FunctionOptions,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type Capability, callsProviders } from '../../shared/contract/capabilities.ts';
import type { EnvironmentVariable } from '../../shared/domain/terms.ts';
import type { FunctionNetwork } from '../existing-parts.ts';
import { environmentFor, statementsFor } from '../grants.ts';
import { functionLogGroup, oauthClientsPrefix, resourceName, secretsPrefix, serviceName } from '../naming.ts';
import { environmentInFindings } from './nag.ts';
import { createReleaseAlias } from './release.ts';
import type { StageContext } from './stage-context.ts';
import { addTelemetry } from './telemetry.ts';

/** Memory in MB; Lambda allots CPU in proportion. */
const MEMORY_SIZE = 512;

/**
 * Replaces the managed policy AWSLambdaVPCAccessExecutionRole, which also allows writing to every log group. These actions
 * take no interface that exists before the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const ALLOW_NETWORK_INTERFACES = new PolicyStatement({
  actions: [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
});

interface ServiceFunctionProps
  extends Pick<
    FunctionOptions,
    'reservedConcurrentExecutions' | 'onFailure' | 'retryAttempts' | 'maxEventAge' | 'recursiveLoop'
  > {
  readonly context: StageContext;
  /** File below `functions/`, without `.ts`: `http/connections/rename`. The function is named after it. */
  readonly entry: string;
  /** Description of the function in the Lambda console. */
  readonly summary: string;
  readonly capabilities: readonly Capability[];
  readonly timeout: Duration;
}

/** Lambda function with its own role and log group, and with the permissions of its declared capabilities and no others. */
export class ServiceFunction extends LambdaFunction {
  /** Name without the stage's prefix: `connections-rename`. */
  readonly shortName: string;
  /** Invoked by routes, rules and event sources: the function's alias in a stage with `releases`, else the function. */
  readonly target: IFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const { context, entry, capabilities, summary, ...options } = props;
    const { settings, grantTargets } = context;
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: functionLogGroup(settings, entry),
      ...context.logs,
    });
    const network = callsProviders(capabilities) ? context.network : undefined;
    super(scope, id, {
      ...options,
      ...(network && vpcOptions(network)),
      functionName: resourceName(settings, toShortName(entry)),
      description: summary,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: context.codeFor(entry),
      memorySize: MEMORY_SIZE,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[settings.logs.level],
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: Tracing.ACTIVE,
      environment: {
        ...environmentFor(capabilities, grantTargets),
        ...commonEnvironment(context),
        ...(entry.startsWith('http/') && requestEnvironment(context)),
      },
    });
    this.shortName = toShortName(entry);
    addTelemetry(this, entry, settings);
    const statements = [allowLogging(logGroup), ...statementsFor(capabilities, grantTargets)];
    for (const statement of network ? [...statements, ALLOW_NETWORK_INTERFACES] : statements) {
      role.addToPrincipalPolicy(statement);
    }
    acknowledgeWildcards(role, capabilities, context);
    this.target = settings.releases
      ? createReleaseAlias(this, {
          settings,
          releases: settings.releases,
          alarms: [`function-errors-${this.shortName}`, ...(entry.startsWith('http/') ? ['api-errors'] : [])],
          asyncInvocations: asyncInvocations(options),
        })
      : this;
  }
}

/** Picks the options of asynchronous invocations that are present. */
function asyncInvocations({ onFailure, retryAttempts, maxEventAge }: EventInvokeConfigOptions) {
  return {
    ...(onFailure && { onFailure }),
    ...(retryAttempts !== undefined && { retryAttempts }),
    ...(maxEventAge && { maxEventAge }),
  };
}

function vpcOptions({ vpc, subnets, securityGroups }: FunctionNetwork): FunctionOptions {
  return {
    vpc,
    vpcSubnets: subnets ?? { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    ...(securityGroups && { securityGroups: [...securityGroups] }),
  };
}

/** Leaves out the entry's first folder: function names are unique without it. */
function toShortName(entry: string): string {
  return entry.split('/').slice(1).join('-');
}

function commonEnvironment({ settings }: StageContext): Record<string, string> {
  return {
    SERVICE_NAME: serviceName(settings),
    // Adds about 10 ms to a cold start; stack traces in logs then name source files and lines.
    NODE_OPTIONS: '--enable-source-maps',
  };
}

/** Settings of the request pipeline. */
function requestEnvironment({ settings: { apiUrl, identity, otherIssuers } }: StageContext) {
  // With several issuers, the authorizer's function knows the type of each.
  const accessTokenType = otherIssuers.length === 0 ? identity?.accessTokenType : undefined;
  const variables: Partial<Record<EnvironmentVariable, string>> = {
    ...(apiUrl !== undefined && { API_URL: apiUrl }),
    ...(accessTokenType && { ACCESS_TOKEN_TYPE: accessTokenType }),
  };
  return variables;
}

/** Replaces the managed policy AWSLambdaBasicExecutionRole, which allows writing to every log group. */
function allowLogging({ logGroupArn }: LogGroup): PolicyStatement {
  return new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroupArn],
  });
}

/** Acknowledges the only wildcards in any role, each with the reason why it cannot be narrower. */
function acknowledgeWildcards(
  role: Role,
  capabilities: readonly Capability[],
  { settings }: StageContext,
): void {
  const acknowledge = (resource: string, reason: string) =>
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  acknowledge(
    '*',
    'xray:PutTraceSegments, dynamodb:ListStreams and the network interfaces of Lambda have no resource to name.',
  );
  if (capabilities.some((capability) => capability.startsWith('credentials:'))) {
    const secrets = `secret:${secretsPrefix(settings)}*`;
    acknowledge(
      `${secretsManagerArn(role)}:${secrets}`,
      'Functions create a secret per connection at run time.',
    );
  }
  if (capabilities.includes('oauth:clients') || capabilities.includes('oauth:describe')) {
    const clients = `secret:${oauthClientsPrefix(settings)}*`;
    acknowledge(
      `${secretsManagerArn(role)}:${clients}`,
      'Operators add an OAuth client for each service without a deployment.',
    );
  }
}

/** Begins an ARN the way cdk-nag writes it. */
function secretsManagerArn(role: Role): string {
  const { partition, region, account } = environmentInFindings(role);
  return `arn:${partition}:secretsmanager:${region}:${account}`;
}
