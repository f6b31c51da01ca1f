import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ServiceFault } from './faults.ts';
import { operations } from './operations.ts';
import { signedRegion } from './signature.ts';
import { openStorage, type Storage } from './storage.ts';

const TARGET = 'secretsmanager.';
/** Bytes of a request body: room for the largest value with every character escaped. */
const MAX_BODY_BYTES = 1_048_576;

export interface SecretsManagerOptions {
  /** The file that keeps everything; made when it is not there. */
  readonly dataFile: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** The time of everything that is dated, expires or is pruned. */
  readonly clock?: () => Date;
}

/**
 * Serves AWS Secrets Manager's JSON 1.1 protocol on 127.0.0.1 for machines without AWS. Point the SDK's
 * `AWS_ENDPOINT_URL_SECRETS_MANAGER` at `url`. An answered write outlives a kill of the process.
 * Nothing of a request's or an answer's content is ever logged.
 */
export async function startSecretsManager(
  options: SecretsManagerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const clock = options.clock ?? (() => new Date());
  const storage = openStorage(options.dataFile);
  const server = createServer((request, response) => {
    void respond(request, response, storage, clock);
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    storage.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      storage.close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  storage: Storage,
  clock: () => Date,
): Promise<void> {
  let status = 200;
  let answer: object;
  try {
    const body = await readBody(request);
    answer = perform(request, body, storage, clock);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    const fault = asFault(error);
    status = fault.status;
    answer = { __type: fault.type, Message: fault.message };
  }
  response.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.1',
    'x-amzn-RequestId': randomUUID(),
  });
  response.end(JSON.stringify(answer));
}

function perform(request: IncomingMessage, body: string, storage: Storage, clock: () => Date): object {
  const region = signedRegion(request.headers.authorization);
  const target = request.headers['x-amz-target'];
  const name = typeof target === 'string' && target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
  const operation = operations.get(name);
  if (request.method !== 'POST' || operation === undefined) {
    throw new ServiceFault('UnknownOperationException', 'The requested operation is not served here.');
  }
  return operation(body, { storage, region, now: clock().getTime() });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  if (size > MAX_BODY_BYTES) {
    throw new ServiceFault('RequestEntityTooLargeException', 'The request is too large.', 413);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A fault of this program's own is told by its name alone: its message could hold what was being stored. */
function asFault(error: unknown): ServiceFault {
  if (error instanceof ServiceFault) return error;
  console.error('secrets-manager: a request failed with', error instanceof Error ? error.name : 'an error');
  return new ServiceFault('InternalServiceError', 'An error occurred on the server side.', 500);
}
