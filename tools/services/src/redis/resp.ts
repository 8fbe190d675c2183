import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A value of the Redis protocol (RESP2), as far as a few commands of this package need it. */
export type Reply = string | number | null | readonly Reply[];

const MORE = Symbol('more bytes are needed');

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get consumed(): number {
    return this.#at;
  }

  #line(): string {
    const end = this.#bytes.indexOf('\r\n', this.#at);
    if (end < 0) throw MORE;
    const line = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  read(): Reply | Error {
    const line = this.#line();
    const rest = line.slice(1);
    if (line[0] === '+') return rest;
    if (line[0] === '-') return new Error(rest);
    if (line[0] === ':') return Number(rest);
    const length = Number(rest);
    if (length < 0) return null;
    if (line[0] === '*') return Array.from({ length }, () => this.read() as Reply);
    if (line[0] !== '$') throw new Error(`not a Redis reply: ${line.slice(0, 20)}`);
    if (this.#bytes.length < this.#at + length + 2) throw MORE;
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length + 2;
    return text;
  }
}

function encode(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
}

function listHandshake(url: URL): readonly (readonly string[])[] {
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const database = url.pathname.slice(1);
  const auth = password === '' ? [] : [user === '' ? ['AUTH', password] : ['AUTH', user, password]];
  return [...auth, ...(database === '' ? [] : [['SELECT', database]])];
}

/**
 * Runs commands in order on a connection of their own and returns their replies; fails at the first error reply.
 * Without a driver, because this package only waits for servers and clears what specs left.
 */
export function runRedisCommands(
  redisUrl: string,
  commands: readonly (readonly string[])[],
  timeoutMs = 60_000,
): Promise<readonly Reply[]> {
  const url = new URL(redisUrl);
  const address = { host: url.hostname, port: Number(url.port || 6379) };
  const handshake = listHandshake(url);
  const all = [...handshake, ...commands];
  return new Promise((resolve, reject) => {
    const socket =
      url.protocol === 'rediss:' ? connectTls({ ...address, servername: url.hostname }) : connectTcp(address);
    const replies: Reply[] = [];
    let pending = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const accept = (chunk: Buffer): void => {
      pending = Buffer.concat([pending, chunk]);
      while (replies.length < all.length) {
        const reader = new Reader(pending);
        const reply = reader.read();
        if (reply instanceof Error) throw reply;
        replies.push(reply);
        pending = pending.subarray(reader.consumed);
      }
      socket.end();
      resolve(replies.slice(handshake.length));
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('error', fail);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      try {
        accept(chunk);
      } catch (error) {
        if (error !== MORE) fail(error as Error);
      }
    });
    socket.write(all.map(encode).join(''));
  });
}
