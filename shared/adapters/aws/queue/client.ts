import { SQSClient } from '@aws-sdk/client-sqs';
import { CLIENT_CONFIG, mapThrottlingToBusy } from '../sdk-clients.ts';

/** A queue and the client that reaches it. */
export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
}

/** Opens a queue. The SDK's own variables say where and as whom. */
export function openQueue(url: string): Queue {
  return { client: mapThrottlingToBusy(new SQSClient(CLIENT_CONFIG)), url };
}
