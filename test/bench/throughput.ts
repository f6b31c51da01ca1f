import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import { type ApiGateway, startApiGateway } from '../../local/api-gateway/server.ts';
import { TestBackend } from '../harness/backend.ts';
import { heading, number, quantile, table, type Verdict } from './print.ts';
import type { Answered, Load } from './send-load.ts';

const CLIENTS = 8;
const MILLISECONDS = 4_000;
const CONNECTIONS = 60;

/** Measures requests a second of some routes beside a function that does nothing, behind the same front. */
export async function benchThroughput(): Promise<readonly Verdict[]> {
  heading(`Throughput: ${CLIENTS} clients at once, against a function that does nothing`);
  const backend = await TestBackend.open();
  const idle = await startIdleFront(backend);
  try {
    const results = new Map<string, Answered>();
    for (const [name, load] of Object.entries(await loadsOf(backend, idle.url))) {
      await answered({ ...load, milliseconds: 500 });
      results.set(name, await answered(load));
    }
    sayResults(results);
    const failed = [...results.values()].reduce((sum, result) => sum + result.failed, 0);
    return [{ passed: failed === 0, claim: `throughput: every request is answered 200; ${failed} are not` }];
  } finally {
    await idle.close();
    await backend.close();
  }
}

/** The same front and authoriser, in the same process, with a function that does nothing behind them. */
function startIdleFront({ local: backend }: TestBackend): Promise<ApiGateway> {
  const { iss: issuer = '', aud } = decodeJwt(backend.session.tokens.administrator);
  const handler = () => Promise.resolve({ statusCode: 200, body: '{}' });
  const { accessKeyId, secretAccessKey, region } = backend.session.runtime;
  return startApiGateway({
    routes: [{ method: 'GET', path: '/idle', authorizer: 'jwt', handler }],
    allowedOrigins: [],
    jwt: { issuer, audience: String(aud), jwksUrl: `${issuer}/jwks` },
    iam: { accessKeyId, secretAccessKey, region, userArn: 'arn:aws:iam::000000000000:user/bench' },
  });
}

async function loadsOf(backend: TestBackend, idleUrl: string): Promise<Readonly<Record<string, Load>>> {
  const project = await backend.createProject();
  const flowId = await project.createFlow();
  const ids: string[] = [];
  for (let made = 0; made < CONNECTIONS; made += 1) {
    ids.push((await project.connect({ flowId, stepId: `step-${made}` })).id);
  }
  await backend.whenIdle();
  const { apiUrl, tokens } = backend.session;
  const all = { clients: CLIENTS, milliseconds: MILLISECONDS };
  const headers = { authorization: `Bearer ${tokens.administrator}` };
  const list = `${apiUrl}/v1/projects/${project.id}/connections`;
  const one = `${list}/${ids[0]}`;
  return {
    'does nothing': { ...all, method: 'GET', url: `${idleUrl}/idle`, headers },
    get: { ...all, method: 'GET', url: one, headers },
    'list, 25 of 60': { ...all, method: 'GET', url: list, headers },
    // One client: renames of one connection wait for each other.
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

async function answered(load: Load): Promise<Answered> {
  const sender = fork(join(import.meta.dirname, 'send-load.ts'));
  sender.send(load);
  const [message] = await once(sender, 'message');
  return result.parse(message);
}

function sayResults(results: ReadonlyMap<string, Answered>): void {
  const [first] = results.values();
  table(
    ['request', 'a second', 'of nothing', 'p50', 'p99', 'failed'],
    [...results].map(([name, { perSecond, latencies, failed }]) => [
      name,
      number(perSecond, 0),
      number(perSecond / (first?.perSecond ?? Number.NaN)),
      `${number(quantile(latencies, 0.5), 1)} ms`,
      `${number(quantile(latencies, 0.99), 1)} ms`,
      failed,
    ]),
  );
}
