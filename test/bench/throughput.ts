import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import { type ApiGateway, startApiGateway } from '../../local/api-gateway/server.ts';
import { TestBackend } from '../harness/backend.ts';
import { formatNumber, printHeading, printTable, quantile, type Verdict } from './print.ts';
import type { Load, LoadResult } from './send-load.ts';

const CLIENTS = 8;
const MILLISECONDS = 4_000;
const CONNECTIONS = 60;

/** Measures requests per second of some routes, relative to an empty function behind the same API Gateway stand-in. */
export async function benchThroughput(): Promise<readonly Verdict[]> {
  printHeading(`Throughput: ${CLIENTS} concurrent clients, relative to an empty function`);
  const backend = await TestBackend.open();
  const empty = await startEmptyApi(backend);
  try {
    const results = new Map<string, LoadResult>();
    for (const [name, load] of Object.entries(await loadsOf(backend, empty.url))) {
      await send({ ...load, milliseconds: 500 });
      results.set(name, await send(load));
    }
    printResults(results);
    const failed = [...results.values()].reduce((sum, result) => sum + result.failed, 0);
    return [{ passed: failed === 0, claim: `throughput: every response is 200; ${failed} are not` }];
  } finally {
    await empty.close();
    await backend.close();
  }
}

/** Starts the same API Gateway stand-in and authorizer, in the same process, in front of an empty function. */
function startEmptyApi({ session }: TestBackend): Promise<ApiGateway> {
  const { iss: issuer = '', aud } = decodeJwt(session.tokens.administrator);
  const handler = () => Promise.resolve({ statusCode: 200, body: '{}' });
  const { accessKeyId, secretAccessKey, region } = session.runtime;
  return startApiGateway({
    routes: [{ method: 'GET', path: '/empty', authorizer: 'jwt', handler }],
    allowedOrigins: [],
    jwt: { issuer, audience: String(aud), jwksUrl: `${issuer}/jwks` },
    iam: { accessKeyId, secretAccessKey, region, userArn: 'arn:aws:iam::000000000000:user/bench' },
  });
}

async function loadsOf(backend: TestBackend, emptyUrl: string): Promise<Readonly<Record<string, Load>>> {
  const project = await backend.createProject();
  const flowId = await project.createFlow();
  const ids: string[] = [];
  for (let index = 0; index < CONNECTIONS; index += 1) {
    ids.push((await project.connect({ flowId, stepId: `step-${index}` })).id);
  }
  await backend.whenIdle();
  const { apiUrl, tokens } = backend.session;
  const all = { clients: CLIENTS, milliseconds: MILLISECONDS };
  const headers = { authorization: `Bearer ${tokens.administrator}` };
  const list = `${apiUrl}/v1/projects/${project.id}/connections`;
  const one = `${list}/${ids[0]}`;
  return {
    'empty function': { ...all, method: 'GET', url: `${emptyUrl}/empty`, headers },
    get: { ...all, method: 'GET', url: one, headers },
    'list, 25 of 60': { ...all, method: 'GET', url: list, headers },
    // One client, since concurrent renames of one connection contend.
    'rename, 1 client': {
      ...all,
      clients: 1,
      method: 'PATCH',
      url: one,
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"name":"Name #"}',
    },
  };
}

const result = z.object({ latencies: z.array(z.number()), perSecond: z.number(), failed: z.number() });

async function send(load: Load): Promise<LoadResult> {
  const sender = fork(join(import.meta.dirname, 'send-load.ts'));
  sender.send(load);
  const [message] = await once(sender, 'message');
  return result.parse(message);
}

function printResults(results: ReadonlyMap<string, LoadResult>): void {
  const [first] = results.values();
  printTable(
    ['request', 'per second', 'relative to empty', 'p50', 'p99', 'failed'],
    [...results].map(([name, { perSecond, latencies, failed }]) => [
      name,
      formatNumber(perSecond, 0),
      formatNumber(perSecond / (first?.perSecond ?? Number.NaN)),
      `${formatNumber(quantile(latencies, 0.5), 1)} ms`,
      `${formatNumber(quantile(latencies, 0.99), 1)} ms`,
      failed,
    ]),
  );
}
