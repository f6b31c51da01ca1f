import type { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type FunctionOptions,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { environmentFor, type Permission, statementsFor } from '../grants.ts';
import { functionLogGroup, resourceName, serviceName } from '../naming.ts';
import { acknowledgeWildcards } from './acknowledged-wildcards.ts';
import type { House } from './house.ts';

export interface HouseFunctionProps
  extends Pick<FunctionOptions, 'onFailure' | 'retryAttempts' | 'maxEventAge' | 'recursiveLoop'> {
  readonly house: House;
  /** The file below `functions/`, as `http/connections/rename`; the function is named for it. */
  readonly entry: string;
  readonly summary: string;
  readonly permissions: readonly Permission[];
  readonly timeout: Duration;
  /** @default 512, in MB; the processor comes in proportion. */
  readonly memorySize?: number;
}

/** A function with a role of its own, a log of its own, and nothing that it did not ask for. */
export class HouseFunction extends LambdaFunction {
  /** How it is called in names: `connections-rename`. */
  readonly title: string;

  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    const { house, entry, permissions, memorySize = 512, summary, ...rest } = props;
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: functionLogGroup(house.settings, entry),
      ...house.logs,
    });
    super(scope, id, {
      ...rest,
      functionName: resourceName(house.settings, titleOf(entry)),
      description: summary,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: house.codeOf(entry),
      memorySize,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[house.settings.logs.level],
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: Tracing.ACTIVE,
      environment: { ...environmentFor(permissions, house.grantTargets), ...environmentOfAll(house) },
    });
    this.title = titleOf(entry);
    for (const statement of [writingTo(logGroup), ...statementsFor(permissions, house.grantTargets)]) {
      role.addToPrincipalPolicy(statement);
    }
    acknowledgeWildcards(role, permissions, house);
  }
}

/** `http/connections/rename` as a part of a name: the folder of the kind says nothing that helps. */
function titleOf(entry: string): string {
  return entry.split('/').slice(1).join('-');
}

function environmentOfAll({ settings }: House): Record<string, string> {
  return {
    POWERTOOLS_SERVICE_NAME: serviceName(settings),
    POWERTOOLS_LOG_LEVEL: settings.logs.level,
    // Costs a cold start some 10 ms, and makes every stack in a log name a file that somebody wrote.
    NODE_OPTIONS: '--enable-source-maps',
  };
}

/** In the place of AWSLambdaBasicExecutionRole, which may write to every log there is. */
function writingTo({ logGroupArn }: LogGroup): PolicyStatement {
  return new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroupArn],
  });
}
