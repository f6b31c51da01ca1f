import { Stack, Validations } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { EventInvokeConfigOptions, IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

type Releases = NonNullable<Settings['releases']>;

/** CodeDeploy's own configurations: a tenth of the traffic first, all of it after so many minutes. */
const CONFIGS = {
  0: LambdaDeploymentConfig.ALL_AT_ONCE,
  10: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  15: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  30: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
} as const satisfies Record<Releases['canaryMinutes'], unknown>;

interface ReleaseProps {
  readonly settings: Settings;
  readonly releases: Releases;
  /**
   * Names, without the stage's prefix, of the alarms that end a canary. They are in the operations stack, which follows
   * this one: CodeDeploy reads them by name, at the first change of a version and not when the alias is created.
   */
  readonly alarms: readonly string[];
  /** Settings of asynchronous invocations; those of the function are for its unpublished version. */
  readonly asyncInvocations: EventInvokeConfigOptions;
}

/**
 * Publishes a version of a function and creates its alias `live`, whose traffic CodeDeploy moves to each version that
 * follows. Returns the alias.
 */
export function createReleaseAlias(fn: LambdaFunction, props: ReleaseProps): IFunction {
  const { settings, releases, alarms, asyncInvocations } = props;
  const alias = fn.addAlias('live', asyncInvocations);
  const { application, role } = CodeDeployApplication.of(fn, settings);
  new LambdaDeploymentGroup(alias, 'Deployments', {
    application,
    role,
    alias,
    deploymentConfig: CONFIGS[releases.canaryMinutes],
    ignoreAlarmConfiguration: releases.canaryMinutes === 0,
    alarms: alarms.map((name) => Alarm.fromAlarmName(alias, name, resourceName(settings, name))),
  });
  const invoked: object = alias;
  if (!isFunction(invoked)) throw new Error('An alias is no function.');
  return invoked;
}

/** Narrows an alias to `IFunction`, to which it is not assignable under `exactOptionalPropertyTypes`. */
function isFunction(construct: object): construct is IFunction {
  return 'functionArn' in construct && 'addPermission' in construct;
}

/** CodeDeploy application of a stack, and the role with which CodeDeploy moves aliases and reads alarms. */
class CodeDeployApplication extends Construct {
  readonly application: LambdaApplication;
  readonly role: Role;

  /** Returns the application of a construct's stack, and creates it for the first function. */
  static of(scope: Construct, settings: Settings): CodeDeployApplication {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild('Releases');
    return existing instanceof CodeDeployApplication ? existing : new CodeDeployApplication(stack, settings);
  }

  private constructor(stack: Stack, settings: Settings) {
    super(stack, 'Releases');
    this.application = new LambdaApplication(this, 'Application', {
      applicationName: resourceName(settings, 'functions'),
    });
    const policy = 'service-role/AWSCodeDeployRoleForLambdaLimited';
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(policy)],
    });
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
      reason: 'AWS maintains the policy of CodeDeploy for Lambda; it may move aliases and read alarms.',
    });
  }
}
