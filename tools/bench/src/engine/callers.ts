import { Pool } from 'undici';
import type { Block } from '../stores/turns.ts';
import { burst } from '../stores/turns.ts';

export interface HttpCall {
  readonly url: string;
  readonly path: string;
  readonly body: string;
  readonly token?: string;
}

/** So many callers, each with a connection of its own, on which the next call is made when the last was answered. */
export async function callOverHttp(call: HttpCall, callers: number, calls: number): Promise<Block> {
  const pool = new Pool(call.url, { connections: callers, pipelining: 1 });
  try {
    const send = requestOf(pool, call);
    await Promise.all(Array.from({ length: callers }, send));
    return await burst(send, callers, calls);
  } finally {
    await pool.close();
  }
}

export function requestOf(pool: Pool, { path, body, token }: HttpCall): () => Promise<void> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return async () => {
    const answer = await pool.request({ path, method: 'POST', headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path} was answered with ${answer.statusCode}: ${text}`);
  };
}
