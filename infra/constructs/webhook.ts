import { Duration, type RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import {
  ApiDestination,
  Authorization,
  Connection,
  type EventBus,
  type IApiDestination,
  Rule,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import { ApiDestination as ToApiDestination } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import { EVERY_EVENT } from './connection-events.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

export interface WebhookProps {
  readonly settings: Settings;
  readonly webhook: NonNullable<Settings['webhook']>;
  readonly bus: EventBus;
  readonly removalPolicy: RemovalPolicy;
}

/** As long and as often as EventBridge tries at all. */
const TRIES = { retryAttempts: 185, maxEventAge: Duration.hours(24) };

/** Takes every event to an address, with a secret by which the address knows who sent it. */
export class Webhook extends Construct {
  readonly ruleName: string;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { settings, webhook, bus, removalPolicy }: WebhookProps) {
    super(scope, id);
    const name = resourceName(settings, 'webhook');
    this.ruleName = name;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${name}-dead-letters`,
      removalPolicy,
    });
    const destination = new ApiDestination(this, 'Destination', {
      apiDestinationName: name,
      connection: new Connection(this, 'Connection', {
        connectionName: name,
        authorization: Authorization.apiKey('Authorization', secretOf(webhook)),
      }),
      endpoint: webhook.url,
      rateLimitPerSecond: webhook.rate,
    });
    const target = new ToApiDestination(asTarget(this, destination), {
      event: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: this.deadLetters,
      ...TRIES,
    });
    new Rule(this, 'Rule', {
      ruleName: name,
      description: 'Takes every event to the webhook',
      eventBus: bus,
      eventPattern: EVERY_EVENT,
      targets: [target],
    });
  }
}

/** Where CloudFormation finds the secret when it deploys; its text is in no template. */
function secretOf({ secretName, secretVersionId }: WebhookProps['webhook']): SecretValue {
  return SecretValue.secretsManager(
    secretName,
    secretVersionId === undefined ? {} : { versionId: secretVersionId },
  );
}

/** The target's type knows an optional property where the destination's has one that may be undefined. */
function asTarget(scope: Construct, { apiDestinationArn, connection }: ApiDestination): IApiDestination {
  const ofDestination = { apiDestinationArn, connection };
  return ApiDestination.fromApiDestinationAttributes(scope, 'Target', ofDestination);
}
