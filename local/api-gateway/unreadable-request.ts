import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Refused, refusalAnswer } from './refusal.ts';

/** Answers bytes that the HTTP parser gave up on: far too many headers, or no HTTP at all. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const { status, headers, body } = refusalAnswer(
    new Refused(tooLarge ? 'headersTooLarge' : 'badRequest'),
    randomUUID(),
  );
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.byteLength}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body.toString('utf8')}`);
}
