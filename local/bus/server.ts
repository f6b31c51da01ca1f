import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { fits } from '../streams/filter.ts';
import { type Dispatch, startDispatch, type Target } from './dispatch.ts';
import { openJournal } from './journal.ts';
import { putEvents, RequestFault } from './put-events.ts';

export interface BusOptions {
  readonly name: string;
  /** The file that keeps every event, and what is not delivered yet; made when it is not there. */
  readonly dataFile: string;
  readonly onError: (target: string, error: unknown) => void;
}

export interface Bus {
  readonly url: string;
  readonly name: string;
  /** Everything that ever reached the bus, oldest first, as rules see it. */
  events(): readonly unknown[];
  /** To be called once: from now on events go to these targets, also what an earlier run left undelivered. */
  deliverTo(targets: readonly Target[]): void;
  /** Delivers what is due. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves PutEvents of Amazon EventBridge (AWS JSON 1.1) for one bus on 127.0.0.1, and rules on it. An answered
 * event outlives a kill of the process.
 */
export async function startBus({ name, dataFile, onError }: BusOptions): Promise<Bus> {
  const journal = openJournal(dataFile);
  let targets: readonly Target[] = [];
  let dispatch: Dispatch | undefined;
  const put = (body: string, region: string) => {
    const now = new Date();
    const { taken, answer } = putEvents(body, { name, region, now });
    const targetsOf = (envelope: unknown) =>
      targets.filter(({ pattern }) => fits(pattern, envelope)).map((target) => target.name);
    journal.append(taken, targetsOf, now.getTime());
    void dispatch?.drain();
    return answer;
  };
  const server = createServer((request, response) => void respond(request, response, put));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The bus has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    name,
    events: journal.events,
    deliverTo(given) {
      targets = given;
      dispatch = startDispatch(journal, given, onError);
    },
    drain: async () => dispatch?.drain(),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await dispatch?.close();
      journal.close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  put: (body: string, region: string) => object,
): Promise<void> {
  let status = 200;
  let answer: object;
  try {
    const region = signedRegion(request.headers.authorization);
    if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents') {
      throw new RequestFault('UnknownOperationException', 'The requested operation is not served here.');
    }
    answer = put(await text(request), region);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    const fault =
      error instanceof RequestFault ? error : new RequestFault('InternalException', 'Internal failure.', 500);
    status = fault.status;
    answer = { __type: fault.type, message: fault.message };
  }
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
}

/** Any key is good on this machine, but a request has to be signed, for EventBridge. */
function signedRegion(authorization = ''): string {
  const [, region] =
    /Credential=[^/\s,]+\/\d{8}\/([a-z0-9-]+)\/events\/aws4_request/.exec(authorization) ?? [];
  if (region === undefined) {
    throw new RequestFault('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  return region;
}
