import type { ServerResponse } from 'node:http';

/** What goes back to the client, header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Writes the answer; the length is always the gateway's own. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  const bodiless = answer.status === 204 || answer.status === 304;
  if (!bodiless) response.setHeader('content-length', answer.body.byteLength);
  response.writeHead(answer.status);
  response.end(bodiless ? undefined : answer.body);
}
