import type { IamSettings } from './api-gateway/iam-authorizer.ts';
import type { StandIns } from './stand-ins.ts';

/** Before the name of every secret. */
export const SECRETS_PREFIX = 'connections/local/';

/**
 * Sets what CDK sets on AWS, and the SDK's own variables for where its services are. Handlers read them with
 * their first request.
 */
export function setEnvironment(standIns: StandIns, iam: IamSettings, providers: 'sandbox' | 'real'): void {
  Object.assign(process.env, {
    AWS_REGION: iam.region,
    AWS_ACCESS_KEY_ID: iam.accessKeyId,
    AWS_SECRET_ACCESS_KEY: iam.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: standIns.engine.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIns.secrets.url,
    AWS_ENDPOINT_URL_SQS: standIns.queues.url,
    CHECKS_QUEUE_URL: standIns.checksQueueUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: standIns.bus.url,
    AWS_ENDPOINT_URL_SNS: standIns.queues.url,
    EVENT_BUS_NAME: standIns.bus.name,
    NOTICES_TOPIC_ARN: standIns.topic.arn,
    TABLE_NAME: standIns.tableName,
    SECRETS_PREFIX,
    PROVIDERS_ENDPOINT_URL: providers === 'sandbox' ? standIns.sandbox.url : '',
    POWERTOOLS_SERVICE_NAME: 'connections',
  });
}
