import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CLIENT_CONFIG } from '../sdk-clients.ts';

/** An event bus and the client that reaches it. */
export interface Bus {
  readonly client: EventBridgeClient;
  readonly name: string;
}

/** Opens an event bus, by its name or ARN. The SDK's own variables say where and as whom. */
export function openBus(name: string): Bus {
  return { client: new EventBridgeClient(CLIENT_CONFIG), name };
}
