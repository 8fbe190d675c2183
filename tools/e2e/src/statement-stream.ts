import type { ServiceProcess } from '@mooring/services';
import { WebSocket } from 'ws';

export type StreamMessage = Readonly<Record<string, unknown>>;

/** A WebSocket on which one statement runs after the other. */
export class StatementStream {
  private readonly messages: StreamMessage[] = [];
  private arrived = (): void => {};
  private over: string | undefined;
  private readonly socket: WebSocket;
  private statements = 0;

  constructor({ url }: Pick<ServiceProcess, 'url'>, token: string) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, {
      headers: { authorization: `Bearer ${token}` },
    });
    this.socket.on('error', (error) => this.end(error.message));
    this.socket.on('close', (code) => this.end(String(code)));
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as StreamMessage);
      this.arrived();
    });
  }

  /** The close code, or what went wrong with the connection; undefined while it is open. */
  get ended(): string | undefined {
    return this.over;
  }

  /** Waits until statements may be sent; undefined when the connection ended instead. */
  ready(): Promise<StreamMessage | undefined> {
    return this.next(({ type }) => type === 'ready');
  }

  /** The last message about the statement, `end` or `problem`; undefined when the connection ended before. */
  run(sql: string): Promise<StreamMessage | undefined> {
    const ref = `statement-${(this.statements += 1)}`;
    if (this.over === undefined) this.socket.send(JSON.stringify({ type: 'run', ref, sql }));
    return this.next(
      (message) => message['ref'] === ref && (message['type'] === 'end' || message['type'] === 'problem'),
    );
  }

  close(): void {
    this.socket.terminate();
  }

  private async next(fits: (message: StreamMessage) => boolean): Promise<StreamMessage | undefined> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined || this.over !== undefined) return found;
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
  }

  private end(how: string): void {
    this.over ??= how;
    this.arrived();
  }
}
