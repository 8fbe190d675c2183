import { WebSocket } from 'ws';
import type { ServiceProcess } from '@mooring/services';

export type Message = Record<string, unknown> & { readonly type: string };

/** A client that keeps what it was sent. */
export class StreamClient {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly opened: Promise<void>;
  private readonly socket: WebSocket;
  private readonly waiting = new Set<() => void>();

  constructor({ url }: Pick<ServiceProcess, 'url'>, token?: string, path = '/v1/stream') {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', () => resolve());
      this.socket.on('error', reject);
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.arrived();
      });
    });
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
      this.arrived();
    });
  }

  async send(message: unknown): Promise<void> {
    await this.opened;
    this.socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  /** The first message that fits; waits for it. */
  async message(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed; got ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  of(type: string, ref?: string): Promise<Message> {
    return this.message((message) => message.type === type && (ref === undefined || message['ref'] === ref));
  }

  private arrived(): void {
    for (const resolve of [...this.waiting]) {
      this.waiting.delete(resolve);
      resolve();
    }
  }

  close(): void {
    this.socket.terminate();
  }
}
