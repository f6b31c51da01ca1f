import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { startAwsJsonServer, unknownOperation } from '../aws-json-server.ts';
import { Delivery, type Target } from './delivery.ts';
import { putEvents } from './put-events.ts';

export interface BusOptions {
  readonly name: string;
  /** The file that records every event, a line of JSON each; made with the first. */
  readonly dataFile: string;
  readonly targets?: readonly Target[];
  readonly onError?: (target: string, error: unknown) => void;
}

export interface Bus {
  readonly url: string;
  readonly name: string;
  /** Reads every event that ever reached the bus, oldest first, in the form that rules receive. */
  events(): unknown[];
  readonly delivery: Pick<Delivery, 'isComplete' | 'whenIdle'>;
  close(): Promise<void>;
}

/**
 * Serves PutEvents of Amazon EventBridge for one bus on 127.0.0.1, and delivers to the targets of its rules.
 *
 * Events that wait for a target are in memory alone, like the messages of the queue. A restart loses none of them: the
 * stream's relay saves no checkpoint before every delivery is complete, and publishes the events after the checkpoint
 * again. The file is a record for users and tests, not a queue.
 */
export async function startBus(options: BusOptions): Promise<Bus> {
  const { name, dataFile, targets = [], onError = () => undefined } = options;
  const delivery = new Delivery(targets, onError);
  const server = await startAwsJsonServer({
    signingName: 'events',
    targetPrefix: 'AWSEvents',
    perform(operation, body, region) {
      if (operation !== 'PutEvents') throw unknownOperation(operation);
      const { accepted, response } = putEvents(body, { name, region, now: new Date() });
      appendFileSync(dataFile, accepted.map((event) => `${JSON.stringify(event)}\n`).join(''));
      for (const event of accepted) delivery.add(event);
      return response;
    },
  });
  return {
    url: server.url,
    name,
    events: () => readEvents(dataFile),
    delivery,
    async close() {
      await server.close();
      await delivery.close();
    },
  };
}

/** Reads every event that a bus with this file ever received, oldest first, in the form that rules receive. */
export function readEvents(dataFile: string): unknown[] {
  if (!existsSync(dataFile)) return [];
  const lines = readFileSync(dataFile, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
}
