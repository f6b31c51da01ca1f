import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { close, listen } from '../../../local/loopback.ts';

/** A request to DynamoDB, as it was sent. */
export interface RecordedCall {
  /** `Query`, `GetItem`, … */
  readonly operation: string;
  readonly body: string;
}

/** A server that asks the engine once for each distinct request, and repeats the engine's response from then on. */
export interface Replay {
  readonly url: string;
  /** Returns the calls since the last call of `take`. */
  take(): readonly RecordedCall[];
  close(): Promise<void>;
}

interface EngineResponse {
  readonly status: number;
  readonly body: string;
}

/** Starts a replay of an engine, so that its own time and its noise stay out of a measurement. */
export async function startReplay(engineUrl: string): Promise<Replay> {
  const responses = new Map<string, EngineResponse>();
  const calls: RecordedCall[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const target = String(request.headers['x-amz-target'] ?? '');
    calls.push({ operation: target.split('.')[1] ?? '', body });
    const key = `${target} ${body}`;
    const found = responses.get(key) ?? (await forward(engineUrl, request, body));
    responses.set(key, found);
    response.writeHead(found.status, { 'content-type': 'application/x-amz-json-1.0' }).end(found.body);
  });
  const { url } = await listen(server);
  return {
    url,
    take: () => calls.splice(0),
    close: () => close(server),
  };
}

async function forward(url: string, { headers }: IncomingMessage, body: string): Promise<EngineResponse> {
  const sent = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const response = await fetch(url, { method: 'POST', headers: Object.fromEntries(sent), body });
  return { status: response.status, body: await response.text() };
}
