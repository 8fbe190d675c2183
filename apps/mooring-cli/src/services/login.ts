import type { Environment } from '@mooring/environment-config';
import { readToken } from '../config.ts';
import { CommandError, EXIT } from '../errors.ts';
import { ask } from '../terminal/prompt.ts';
import type { Streams } from '../terminal/streams.ts';
import { ServiceClient } from './service-client.ts';
import type { ServiceAddress } from './service-client.ts';

export const AUTH_URL = 'http://127.0.0.1:8001';
export const QUERY_URL = 'http://127.0.0.1:8000';

export interface LoginOptions {
  readonly env: Environment;
  readonly streams: Streams;
  readonly auth: ServiceAddress;
}

/**
 * Works with the token of MOORING_TOKEN, or, at a terminal, with one of a login that ends with the work. A password is
 * typed unseen; neither it nor the token is written anywhere.
 */
export async function withToken<T>(options: LoginOptions, work: (token: string) => Promise<T>): Promise<T> {
  const { env, streams, auth } = options;
  const given = readToken(env);
  if (given !== undefined) return work(given);
  if (streams.input.isTTY !== true) {
    throw new CommandError({
      code: 'no_token',
      message: 'There is no token, and no terminal to log in at.',
      remedy: 'set MOORING_TOKEN to a token of the auth API (POST /auth/login), or of MOORING_API_TOKENS',
      exitCode: EXIT.wrongUsage,
    });
  }
  const username = await ask(streams, 'User: ');
  const password = await ask(streams, 'Password: ', { hidden: true });
  const login = { username, password };
  const { token } = await new ServiceClient(auth).ask<{ token: string }>('POST', 'auth/login', { body: login });
  try {
    return await work(token);
  } finally {
    // The session would end by itself; that it can't be ended now is nobody's failure.
    await new ServiceClient(auth, token).ask('POST', 'auth/logout').catch(() => undefined);
  }
}
