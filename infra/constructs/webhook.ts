import { Duration } from 'aws-cdk-lib';
import {
  ApiDestination,
  Authorization,
  Connection,
  type EventBus,
  type IApiDestination,
  type IEventBus,
  Rule,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import { ApiDestination as ApiDestinationTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import { referToSecret } from '../secret-reference.ts';
import type { Settings } from '../settings.ts';
import { ALL_CONNECTION_EVENTS } from './connection-events.ts';
import { DeadLetterQueue } from './queues.ts';

interface WebhookProps {
  readonly settings: Settings;
  readonly webhook: NonNullable<Settings['webhook']>;
  readonly bus: EventBus | IEventBus;
}

/** The most that EventBridge allows. */
const RETRIES = { retryAttempts: 185, maxEventAge: Duration.hours(24) };

/** Sends every event to an HTTPS endpoint, with a secret in the `Authorization` header. */
export class Webhook extends Construct {
  readonly ruleName: string;
  readonly deadLetterQueue: DeadLetterQueue;

  constructor(scope: Construct, id: string, { settings, webhook, bus }: WebhookProps) {
    super(scope, id);
    const name = resourceName(settings, 'webhook');
    this.ruleName = name;
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', { sourceName: name });
    const destination = new ApiDestination(this, 'Destination', {
      apiDestinationName: name,
      connection: new Connection(this, 'Connection', {
        connectionName: name,
        authorization: Authorization.apiKey('Authorization', referToSecret(webhook)),
      }),
      endpoint: webhook.url,
      rateLimitPerSecond: webhook.rate,
    });
    const target = new ApiDestinationTarget(importDestination(this, destination), {
      event: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: this.deadLetterQueue,
      ...RETRIES,
    });
    new Rule(this, 'Rule', {
      ruleName: name,
      description: 'Sends every event to the webhook',
      eventBus: bus,
      eventPattern: ALL_CONNECTION_EVENTS,
      targets: [target],
    });
  }
}

/**
 * Imports the destination by its ARN: under `exactOptionalPropertyTypes`, an `ApiDestination` is not
 * assignable to the `IApiDestination` that the target takes.
 */
function importDestination(scope: Construct, destination: ApiDestination): IApiDestination {
  const { apiDestinationArn, connection } = destination;
  return ApiDestination.fromApiDestinationAttributes(scope, 'Target', { apiDestinationArn, connection });
}
