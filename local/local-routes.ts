import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import type { BackgroundFunctions } from './background.ts';

export interface LocalRouteOptions {
  /** Reads everything that reached the bus, oldest first. */
  readonly events: () => unknown[];
  /** Returns what runs the scheduled functions. */
  readonly background: () => Pick<BackgroundFunctions, 'names' | 'run' | 'whenIdle'>;
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
    sendJson(response, 200, { items: options.events() });
    return true;
  }
  if (request.method !== 'POST' || !path.startsWith(SCHEDULES)) return false;
  const { status, body } = await runSchedule(
    path.slice(SCHEDULES.length),
    await text(request),
    options.background(),
  );
  sendJson(response, status, body);
  return true;
}

const runRequest = z.strictObject({ at: z.optional(z.iso.datetime({ offset: true })) });

async function runSchedule(
  name: string,
  requestBody: string,
  background: ReturnType<LocalRouteOptions['background']>,
) {
  if (!background.names.includes(name)) return { status: 404, body: { schedules: background.names } };
  const request = runRequest.safeParse(parseJson(requestBody));
  if (!request.success) {
    return { status: 400, body: { message: 'The body is { "at": "<time>" }, or empty.' } };
  }
  const at = new Date(request.data.at ?? Date.now());
  const id = randomUUID();
  try {
    const result = await background.run(name, at, id);
    await background.whenIdle();
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
