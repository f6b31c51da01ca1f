import { Agent, request } from 'node:http';

/** A request that clients repeat. */
export interface Load {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `#` in it is replaced by the number of the request. */
  readonly body?: string;
  readonly clients: number;
  readonly milliseconds: number;
}

/** Results of a load. */
export interface LoadResult {
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
  readonly perSecond: number;
  /** Responses other than 200. */
  readonly failed: number;
}

/** Sends requests from several clients for a time, each client one after the other. */
async function sendLoad(load: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.clients });
  const latencies: number[] = [];
  let failed = 0;
  const startedAt = performance.now();
  const client = async () => {
    while (performance.now() - startedAt < load.milliseconds) {
      const sentAt = performance.now();
      const status = await send(load, agent, latencies.length);
      latencies.push(performance.now() - sentAt);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: load.clients }, client));
  agent.destroy();
  return { latencies, failed, perSecond: (latencies.length / (performance.now() - startedAt)) * 1000 };
}

function send({ method, url, headers, body }: Load, agent: Agent, number: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(url, { method, headers, agent }, (response) => {
    response.on('end', () => resolve(response.statusCode ?? 0)).resume();
  });
  sent.on('error', reject).end(body?.replace('#', String(number)));
  return promise;
}

// Runs in its own process, so that sending takes no CPU time from the server.
process.once('message', async (load: Load) => {
  process.send?.(await sendLoad(load), () => process.disconnect());
});
