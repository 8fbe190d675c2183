import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { ServiceProcess } from '@mooring/services';
import type { Message } from './stream-client.fixture.ts';

export interface RawOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A WebSocket without manners: it never answers a close frame, and goes on after one. */
export class RawStream {
  /** The answer to the handshake, up to its blank line. */
  readonly handshake: Promise<string>;
  /** The server cut the connection. */
  readonly ended: Promise<void>;
  /** The code of the server's close frame. */
  readonly closed: Promise<number>;
  readonly messages: Message[] = [];
  readonly socket: Socket;
  private received = Buffer.alloc(0);
  private readonly waiting = new Set<() => void>();

  constructor({ url }: Pick<ServiceProcess, 'url'>, { token, headers = {} }: RawOptions = {}) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const sent = { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(
      `GET /v1/stream HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${lines.join('')}\r\n`,
    );
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'error', 'close']) this.socket.on(event, () => resolve());
    });
    let answered!: (answer: string) => void;
    this.handshake = new Promise((resolve) => (answered = resolve));
    let closing!: (code: number) => void;
    this.closed = new Promise((resolve) => (closing = resolve));
    let shaken = false;
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      if (!shaken) {
        const end = this.received.indexOf('\r\n\r\n');
        if (end === -1) return;
        answered(this.received.subarray(0, end).toString());
        this.received = this.received.subarray(end + 4);
        shaken = true;
      }
      this.readFrames(closing);
      for (const wake of [...this.waiting]) wake();
    });
  }

  send(message: unknown): void {
    const payload = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    const { length } = payload;
    // The mask is of zeros, so that the payload stays as it is.
    const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
    head[0] = 0x81;
    if (length < 126) head[1] = 0x80 | length;
    else if (length < 65_536) {
      head[1] = 0xfe;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 0xff;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    if (this.socket.writable) this.socket.write(Buffer.concat([head, payload]));
  }

  /** The first message that fits; waits for it. */
  async message(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  private readFrames(closing: (code: number) => void): void {
    for (let frame = this.frame(); frame !== undefined; frame = this.frame()) {
      if (frame.opcode === 1) this.messages.push(JSON.parse(frame.payload.toString()) as Message);
      if (frame.opcode === 8) closing(frame.payload.readUInt16BE(0));
    }
  }

  private frame(): { readonly opcode: number; readonly payload: Buffer } | undefined {
    const { received } = this;
    if (received.length < 2) return undefined;
    const short = (received[1] as number) & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (received.length < start) return undefined;
    const length =
      short === 127 ? Number(received.readBigUInt64BE(2)) : short === 126 ? received.readUInt16BE(2) : short;
    if (received.length < start + length) return undefined;
    this.received = received.subarray(start + length);
    return { opcode: (received[0] as number) & 0x0f, payload: received.subarray(start, start + length) };
  }
}
