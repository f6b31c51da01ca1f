import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import type { Bus } from './bus/server.ts';
import type { Scheduler } from './schedules.ts';

export interface LocalRouteOptions {
  readonly bus: Pick<Bus, 'events'>;
  readonly scheduler: Pick<Scheduler, 'names' | 'run'>;
  /** Waits until the work that a scheduled function caused is complete. */
  readonly whenIdle: () => Promise<void>;
}

const SCHEDULES = '/local/schedules/';

/**
 * Serves what local mode has beside the API: `GET /local/events`, everything that reached the bus, and
 * `POST /local/schedules/{name}`, which runs a scheduled function and responds when the work it caused is complete.
 *
 * @returns false for any other request.
 */
export async function serveLocalRoute(
  request: IncomingMessage,
  response: ServerResponse,
  options: LocalRouteOptions,
): Promise<boolean> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (request.method === 'GET' && path === '/local/events') {
    sendJson(response, 200, { items: options.bus.events() });
    return true;
  }
  if (request.method !== 'POST' || !path.startsWith(SCHEDULES)) return false;
  const { status, body } = await runSchedule(path.slice(SCHEDULES.length), await text(request), options);
  sendJson(response, status, body);
  return true;
}

const runRequest = z.strictObject({ at: z.optional(z.iso.datetime({ offset: true })) });

async function runSchedule(name: string, requestBody: string, options: LocalRouteOptions) {
  const { scheduler, whenIdle } = options;
  if (!scheduler.names.includes(name)) return { status: 404, body: { schedules: scheduler.names } };
  const request = runRequest.safeParse(parseJson(requestBody));
  if (!request.success) {
    return { status: 400, body: { message: 'The body is { "at": "<time>" }, or empty.' } };
  }
  const at = new Date(request.data.at ?? Date.now());
  const id = randomUUID();
  try {
    const result = await scheduler.run(name, at, id);
    await whenIdle();
    return { status: 200, body: { id, name, at, result } };
  } catch (error) {
    return { status: 500, body: { message: error instanceof Error ? error.message : 'failed' } };
  }
}

function parseJson(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
