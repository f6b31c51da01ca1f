import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';

/**
 * Listens on 127.0.0.1, on a free port unless one is given.
 *
 * @throws Error where the port is taken.
 */
export async function listen(
  server: Server,
  port = 0,
): Promise<{ readonly port: number; readonly url: string }> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return { port: address.port, url: `http://127.0.0.1:${address.port}` };
}

/** Stops listening, and ends every connection. */
export async function close(server: HttpServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
