import type { ServerResponse } from 'node:http';
import type { Bus } from './server.ts';

/** Answers `GET /local/events`: everything that reached the bus, newest last. */
export function answerEvents(response: ServerResponse, bus: Bus): void {
  const body = JSON.stringify({ items: bus.events() });
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
