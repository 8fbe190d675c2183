import type { RawData, WebSocket } from 'ws';

type Take = (data: RawData, isBinary: boolean) => Promise<void>;

/**
 * One message after the other. The socket is not read from while one is taken: what waits here is what had been read
 * already, and a client that sends faster waits itself.
 */
export class MessageLine {
  private readonly waiting: (readonly [RawData, boolean])[] = [];
  private busy = false;
  private stopped = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly take: Take,
  ) {
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (this.stopped) return;
      this.waiting.push([data, isBinary]);
      if (!this.busy) void this.work();
    });
  }

  /** What waits, and what comes, is dropped. The socket is read from, so that the close of the peer is seen. */
  stop(): void {
    this.stopped = true;
    this.waiting.length = 0;
    this.socket.resume();
  }

  private async work(): Promise<void> {
    this.busy = true;
    this.socket.pause();
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.take(...next);
    this.busy = false;
    this.socket.resume();
  }
}
