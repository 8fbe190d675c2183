import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import expressSession from 'express-session';
import type { SessionOptions } from 'express-session';
import type { ExpressSessionStore } from './index.ts';

type Middleware = ReturnType<typeof expressSession>;
type WebRequest = Parameters<Middleware>[0];
export type Handler = (request: WebRequest & { session: Record<string, unknown> }, response: ServerResponse) => unknown;

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** What the browser sends from then on. */
  readonly cookie: string | undefined;
}

export interface WebApp {
  /** What express-session reported after the response was under way. */
  readonly errors: unknown[];
  get(path: string, cookie?: string): Promise<Answer>;
  close(): Promise<void>;
}

/** An HTTP server with express-session in front of `routes`. */
export async function startWebApp(
  store: ExpressSessionStore,
  routes: Readonly<Record<string, Handler>>,
  options: Partial<SessionOptions> = {},
): Promise<WebApp> {
  const errors: unknown[] = [];
  const session = expressSession({ store, secret: 'secret', resave: false, saveUninitialized: false, ...options });
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    session(request as WebRequest, response as Parameters<Middleware>[1], (error?: unknown) => {
      if (error === undefined) return void routes[request.url ?? '']?.(request as never, response);
      errors.push(error);
      if (!response.headersSent) response.writeHead(500).end('failed');
      return undefined;
    });
  };
  const server = createServer(listen);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    errors,
    async get(path, cookie) {
      const headers = cookie === undefined ? {} : { cookie };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      const sent = response.headers.getSetCookie()[0]?.split(';')[0];
      return { status: response.status, body: await response.text(), cookie: sent ?? cookie };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Holds whoever comes to it until it is opened. */
export function gate(): {
  readonly reached: Promise<void>;
  readonly pass: () => Promise<void>;
  readonly open: () => void;
} {
  let arrive = (): void => undefined;
  let open = (): void => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    reached,
    pass: () => {
      arrive();
      return opened;
    },
    open: () => open(),
  };
}
