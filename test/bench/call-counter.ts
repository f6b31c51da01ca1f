import { once } from 'node:events';
import { Agent, createServer, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { close, listen } from '../../local/loopback.ts';

/** A proxy in front of a service of AWS that counts its calls. */
export interface CallCounter {
  readonly url: string;
  /** The calls since the last call of `take`, by operation: `GetSecretValue`. */
  take(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts a counter. Without a service behind it, each call is counted, and refused with 501. */
export async function startCallCounter(serviceUrl: string | undefined): Promise<CallCounter> {
  let calls: Record<string, number> = {};
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? request.url);
    const operation = target.slice(target.lastIndexOf('.') + 1);
    calls[operation] = (calls[operation] ?? 0) + 1;
    const body = await buffer(request);
    if (serviceUrl === undefined) {
      response.writeHead(501).end();
      return;
    }
    const { method, headers } = request;
    const outgoing = send(serviceUrl, { method, headers, agent });
    outgoing.end(body);
    const [incoming] = await once(outgoing, 'response');
    response.writeHead(incoming.statusCode, incoming.headers).end(await buffer(incoming));
  });
  const { url } = await listen(server);
  return {
    url,
    take() {
      const result = calls;
      calls = {};
      return result;
    },
    async close() {
      await close(server);
      agent.destroy();
    },
  };
}
