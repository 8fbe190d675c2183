import { Pool } from 'undici';
import { burst, type Block } from '../stores/turns.ts';

export interface HttpCall {
  readonly path: string;
  /** A GET without one. */
  readonly body?: object;
  readonly token?: string;
}

/** Asks one process, or several in turns, over so many connections at once. */
export class HttpCallers {
  private readonly pools: readonly Pool[];

  constructor(
    urls: readonly string[],
    private readonly callers: number,
  ) {
    const connections = Math.ceil(callers / urls.length);
    this.pools = urls.map((url) => new Pool(url, { connections, pipelining: 1 }));
  }

  /** @param callAt the n-th call, which is put together as part of its time */
  run(calls: number, callAt: (index: number) => HttpCall): Promise<Block> {
    return burst((index) => this.send(index, callAt(index)), this.callers, calls);
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.close()));
  }

  private async send(index: number, call: HttpCall): Promise<void> {
    await answerOf(this.pools[index % this.pools.length] as Pool, requestOf(call));
  }
}

/** The same call by so many callers, each with a connection of its own that is open before anything is measured. */
export async function callOverHttp(url: string, call: HttpCall, callers: number, calls: number): Promise<Block> {
  const pool = new Pool(url, { connections: callers, pipelining: 1 });
  try {
    const send = repeated(pool, call);
    await Promise.all(Array.from({ length: callers }, send));
    return await burst(send, callers, calls);
  } finally {
    await pool.close();
  }
}

/** A call that is put together once, and sent as often as is wanted. */
export function repeated(pool: Pool, call: HttpCall): () => Promise<void> {
  const request = requestOf(call);
  return async () => {
    await answerOf(pool, request);
  };
}

export async function askOnce(url: string, call: HttpCall): Promise<string> {
  const pool = new Pool(url);
  try {
    return await answerOf(pool, requestOf(call));
  } finally {
    await pool.close();
  }
}

/** @returns the token */
export async function loggedIn(url: string, body: object): Promise<string> {
  const answer = await askOnce(url, { path: '/auth/login', body });
  return (JSON.parse(answer) as { readonly token: string }).token;
}

interface HttpRequest {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function requestOf({ path, body, token }: HttpCall): HttpRequest {
  return {
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** @returns the body of an answer with 200 */
async function answerOf(pool: Pool, request: HttpRequest): Promise<string> {
  const answer = await pool.request(request);
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${request.path} was answered with ${answer.statusCode}: ${text}`);
  return text;
}
