import { randomBytes } from 'node:crypto';
import { testPostgres } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import type { Role } from '@mooring/users';
import { build, startAuthApi } from './service-process.fixture.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KnownUser {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly tenantId: string;
}

/** Hashes that cost next to nothing. */
export const CHEAP_HASHES = { MOORING_PASSWORD_MEMORY_KIB: '256', MOORING_PASSWORD_PASSES: '1' };

export const ROOT = { username: 'root', password: 'anchors aweigh, my boys', tenantId: 'harbour' };

/** Pods of one service on a database of their own. */
export interface Cluster {
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  start(env?: Readonly<Record<string, string>>, port?: number): Promise<ServiceProcess>;
  /** Drops the database, with all that is in it. */
  stop(): Promise<void>;
}

export async function startCluster(change: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  await build();
  const postgres = await testPostgres();
  const databaseUrl = await postgres.createDatabase();
  const env = {
    DATABASE_URL: databaseUrl,
    MOORING_DATABASE_POOL_SIZE: '5',
    // What is not about waiting for the store is not to fail for it.
    MOORING_STORE_TIMEOUT_SECONDS: '120',
    MOORING_TRUST_PROXY: '127.0.0.1',
    MOORING_FIRST_ADMIN: `${ROOT.tenantId}/${ROOT.username}:${ROOT.password}`,
    MOORING_RATE_LIMIT_LOGINS: '0',
    ...CHEAP_HASHES,
    ...change,
  };
  const pods: ServiceProcess[] = [];
  return {
    databaseUrl,
    env,
    start: async (own = {}, port?: number) => {
      const pod = await startAuthApi({ ...env, ...own }, port);
      pods.push(pod);
      return pod;
    },
    stop: async () => {
      await Promise.all(pods.map((pod) => pod.stop()));
      await postgres.stop();
    },
  };
}

type Pod = Pick<ServiceProcess, 'url'>;

export async function ask({ url }: Pod, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { token, body, headers } = asked;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

let lastAddress = 0;

/** An address that no other test has, so that failures of others don't count. */
export function newAddress(): string {
  lastAddress += 1;
  return `198.51.${Math.floor(lastAddress / 250)}.${(lastAddress % 250) + 1}`;
}

type Credentials = Pick<KnownUser, 'username' | 'password'>;

export function login(
  pod: Pod,
  { username, password }: Credentials,
  { address = newAddress(), headers = {}, ...more }: LoginOptions = {},
): Promise<Answer> {
  return ask(pod, 'POST', '/auth/login', {
    body: { username, password, ...more },
    headers: { 'x-forwarded-for': address, ...headers },
  });
}

export interface LoginOptions {
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rememberMe?: boolean;
}

export async function tokenOf(pod: Pod, user: Credentials, options?: LoginOptions): Promise<string> {
  const { status, body, text } = await login(pod, user, options);
  if (status !== 200) throw new Error(`the login failed: ${text}`);
  return String(body['token']);
}

const roots = new WeakMap<Pod, Promise<string>>();

/** Of the first administrator, logged in once on each pod. */
export function rootToken(pod: Pod): Promise<string> {
  const token = roots.get(pod) ?? tokenOf(pod, ROOT);
  roots.set(pod, token);
  return token;
}

export async function createUser(
  pod: Pod,
  { tenantId = 'acme', role = 'user' }: { readonly tenantId?: string; readonly role?: Role } = {},
): Promise<KnownUser> {
  const username = `user-${randomBytes(6).toString('hex')}`;
  const password = `secret ${randomBytes(12).toString('base64url')}`;
  const body = { username, password, tenantId, role };
  const answer = await ask(pod, 'POST', '/auth/users', { token: await rootToken(pod), body });
  if (answer.status !== 201) throw new Error(`the user was not created: ${answer.text}`);
  return { id: String(answer.body['id']), username, password, tenantId };
}

/** As the administrator of everything. */
export async function patchUser(pod: Pod, { id }: Pick<KnownUser, 'id'>, patch: object): Promise<Answer> {
  return ask(pod, 'PATCH', `/auth/users/${id}`, { token: await rootToken(pod), body: patch });
}

export async function me(pod: Pod, token: string): Promise<Answer> {
  return ask(pod, 'GET', '/auth/me', { token });
}

export type Audit = Readonly<Record<string, unknown>>;

/** Events of the audit logs of these pods that have these members; waits until there are `count`, since logs arrive late. */
export async function auditsOf(pods: readonly ServiceProcess[], members: Audit, count = 1): Promise<Audit[]> {
  for (;;) {
    const audits = pods
      .flatMap((pod) => pod.output().split('\n'))
      .filter((line) => line.endsWith('"msg":"Audit"}'))
      .map((line) => (JSON.parse(line) as { audit: Audit }).audit)
      .filter((audit) => Object.entries(members).every(([name, value]) => audit[name] === value));
    if (audits.length >= count) return audits;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
