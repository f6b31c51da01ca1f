import type { Server } from 'node:net';

/** Counts the connections that a server accepts. */
export class SocketCounter {
  #open = 0;
  accepted = 0;
  /** The most that were open at the same time. */
  mostAtOnce = 0;

  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.accepted += 1;
      this.#open += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
      socket.once('close', () => {
        this.#open -= 1;
      });
    });
  }
}
