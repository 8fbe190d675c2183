import { connect, createServer, type Socket } from 'node:net';

export interface FaultProxyOptions {
  /** Where connections go: a URL (of any protocol, with a port or a well-known one) or an address. */
  readonly target: string | { readonly host: string; readonly port: number };
}

/** A TCP proxy on the loopback address that can break the line between a client and a server, on request. */
export interface FaultProxy {
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** The same URL, through the proxy. */
  url(original: string): string;
  /** Resets every connection, and every new one, until `heal()`. */
  cut(): void;
  /** Holds every chunk back, in both directions, for `ms` milliseconds. */
  delay(ms: number): void;
  /** Half-open lines: connections stay (new ones are accepted too), nothing passes, until `heal()`. */
  hang(): void;
  /** Back to normal. What a hang held back passes now. */
  heal(): void;
  close(): Promise<void>;
}

type Fault = { readonly kind: 'none' | 'cut' | 'hang' } | { readonly kind: 'delay'; readonly ms: number };

const WELL_KNOWN_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'http:': 80,
  'https:': 443,
};

function parseTarget(target: FaultProxyOptions['target']): { host: string; port: number } {
  if (typeof target !== 'string') return target;
  const url = new URL(target);
  const port = url.port === '' ? WELL_KNOWN_PORTS[url.protocol] : Number(url.port);
  if (port === undefined) throw new TypeError(`the target with protocol ${url.protocol} needs a port`);
  return { host: url.hostname, port };
}

/** Node.js loses a socket that is reset while it ends: it stays open, and the process with it. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Starts a proxy on a free port. It does not keep the process alive. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = parseTarget(options.target);
  const lines = new Set<readonly [Socket, Socket]>();
  let fault: Fault = { kind: 'none' };
  const wake: Array<() => void> = [];

  const setFault = (next: Fault): void => {
    fault = next;
    for (const resolve of wake.splice(0)) resolve();
  };
  const passage = async (): Promise<void> => {
    while (fault.kind === 'hang') await new Promise<void>((resolve) => wake.push(resolve));
    const delayMs = fault.kind === 'delay' ? fault.ms : 0;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  };
  const pump = async (from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const chunk of from) {
        await passage();
        if (!to.write(chunk as Buffer))
          await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
      }
      await passage();
      to.end();
    } catch {
      to.destroy();
    }
  };
  const reset = (): void => {
    for (const [client, upstream] of lines) {
      breakOff(client);
      breakOff(upstream);
    }
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => undefined);
    if (fault.kind === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...target, allowHalfOpen: true });
    client.unref();
    upstream.unref();
    const line = [client, upstream] as const;
    lines.add(line);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    upstream.on('error', () => client.destroy());
    client.once('close', () => {
      upstream.destroy();
      lines.delete(line);
    });
    void pump(client, upstream);
    void pump(upstream, client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as { port: number };

  return {
    port,
    get connections() {
      return lines.size;
    },
    url: (original) => {
      const url = new URL(original);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    cut: () => {
      setFault({ kind: 'cut' });
      reset();
    },
    delay: (ms) => setFault({ kind: 'delay', ms }),
    hang: () => setFault({ kind: 'hang' }),
    heal: () => setFault({ kind: 'none' }),
    close: () => {
      setFault({ kind: 'none' });
      reset();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
