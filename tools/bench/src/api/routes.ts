import type { ApiLaboratory } from './api-laboratory.ts';
import { PASSWORD } from './api-laboratory.ts';
import { askOnce, loggedIn, type HttpCall } from '../load/http-calls.ts';

/** Who is asked, and what. */
export interface RouteArm {
  readonly name: string;
  readonly url: string;
  readonly callAt: (index: number) => HttpCall;
}

export interface Route {
  readonly title: string;
  /** Of each arm in a run. */
  readonly calls: number;
  /** The first one is what the other is compared with. */
  readonly arms: readonly [RouteArm, RouteArm];
}

export type RouteCalls = Readonly<Record<'login' | 'verify' | 'select' | 'warehouse', number>>;

const BARE = 'bare Fastify handler';
/** The statement that runs on embedded data. */
export const ON_ENGINE = 'SELECT 1 on the engine';
const NAMESPACE = 'bench';
const SQL = 'select 1 as one';

/** What is asked of both APIs, each next to a handler that makes the calls below it and nothing else. */
export async function routesOf(laboratory: ApiLaboratory, calls: RouteCalls): Promise<readonly Route[]> {
  const { auth, query, bare, usernames } = laboratory;
  const [username = ''] = usernames;
  const [token, bareToken] = await Promise.all([
    loggedIn(auth.url, { username, password: PASSWORD }),
    loggedIn(bare.url, { password: PASSWORD }),
  ]);
  await askOnce(query.url, { path: '/v1/sql', token, body: { sql: `create namespace ${NAMESPACE}` } });
  const login = (index: number): HttpCall => ({
    path: '/auth/login',
    body: { username: usernames[index % usernames.length], password: PASSWORD },
  });
  const me = (whose: string) => (): HttpCall => ({ path: '/auth/me', token: whose });
  const sql = (): HttpCall => ({ path: '/v1/sql', token, body: { sql: SQL, namespace: NAMESPACE } });
  const statement = (): HttpCall => ({ path: '/v1/queries', token, body: { sql: SQL } });
  const both = (title: string, count: number, api: RouteArm, bareCall: RouteArm['callAt']): Route => ({
    title,
    calls: count,
    arms: [{ name: BARE, url: bare.url, callAt: bareCall }, api],
  });
  return [
    both('login', calls.login, { name: 'auth API', url: auth.url, callAt: login }, login),
    both('verify', calls.verify, { name: 'auth API', url: auth.url, callAt: me(token) }, me(bareToken)),
    both(ON_ENGINE, calls.select, { name: 'query API', url: query.url, callAt: sql }, sql),
    both('warehouse statement', calls.warehouse, { name: 'query API', url: query.url, callAt: statement }, statement),
  ];
}
