import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A sentinel that answers when it is told to. */
export class PretendSentinel {
  /** Who asked where the master is, and was not answered yet. */
  readonly asking: Socket[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly subscribers = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private masterPort: number | undefined,
  ) {}

  static async start(masterPort: number): Promise<PretendSentinel> {
    const server = createServer();
    const sentinel = new PretendSentinel(server, masterPort);
    server.on('connection', (socket) => sentinel.serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sentinel;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get subscribed(): number {
    return this.subscribers.size;
  }

  /** From now on, who asks for the master waits. */
  hold(): void {
    this.masterPort = undefined;
  }

  /** Tells all subscribers of another master. */
  switchTo(port: number): void {
    const message = array('message', '+switch-master', `main 127.0.0.1 1 127.0.0.1 ${port}`);
    for (const socket of this.subscribers) socket.write(message);
  }

  /** To whoever waits, and whoever asks from now on. */
  answer(port: number): void {
    this.masterPort = port;
    for (const socket of this.asking.splice(0)) socket.write(array('127.0.0.1', String(port)));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.subscribers.delete(socket);
    });
    socket.on('data', (data) => {
      for (const words of commandsIn(data.toString())) this.reply(socket, words);
    });
  }

  private reply(socket: Socket, [name, what = '']: readonly string[]): void {
    if (name === 'subscribe') {
      this.subscribers.add(socket);
      socket.write(`*3\r\n$9\r\nsubscribe\r\n$${what.length}\r\n${what}\r\n:1\r\n`);
    } else if (name !== 'sentinel') {
      socket.write('+OK\r\n');
    } else if (what === 'sentinels') {
      socket.write('*0\r\n');
    } else if (this.masterPort === undefined) {
      this.asking.push(socket);
    } else {
      socket.write(array('127.0.0.1', String(this.masterPort)));
    }
  }
}

function array(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** Of whole commands, as a driver sends them. */
function commandsIn(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .slice(1)
    .map((command) => [...command.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, word = '']) => word.toLowerCase()));
}
