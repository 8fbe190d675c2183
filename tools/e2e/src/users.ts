import { randomBytes } from 'node:crypto';
import type { Answer, Fleet } from './fleet.ts';
import { ROOT } from './pods.ts';

export interface KnownUser {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly tenantId: string;
}

/** What users need of a deployment. */
export interface UserPods {
  readonly auth: Fleet;
  readonly query: Fleet;
  readonly tenants: { readonly acme: string; readonly globex: string };
}

type Credentials = Pick<KnownUser, 'username' | 'password'>;

let lastAddress = 0;

/** An address that no other login has, so that failures of others don't count. */
function newAddress(): string {
  lastAddress += 1;
  return `198.51.${Math.floor(lastAddress / 250)}.${(lastAddress % 250) + 1}`;
}

export function login(
  { auth }: Pick<UserPods, 'auth'>,
  { username, password }: Credentials,
  address = newAddress(),
): Promise<Answer> {
  return auth.ask('POST', '/auth/login', { body: { username, password }, headers: { 'x-forwarded-for': address } });
}

export async function tokenOf(deployment: Pick<UserPods, 'auth'>, user: Credentials): Promise<string> {
  const { status, body, text } = await login(deployment, user);
  if (status !== 200) throw new Error(`the login failed: ${text}`);
  return String(body['token']);
}

export async function createUser(
  deployment: UserPods,
  role = 'user',
  tenantId = deployment.tenants.acme,
): Promise<KnownUser> {
  const username = `user-${randomBytes(6).toString('hex')}`;
  const password = `secret ${randomBytes(12).toString('base64url')}`;
  const { status, body, text } = await deployment.auth.ask('POST', '/auth/users', {
    token: await tokenOf(deployment, ROOT),
    body: { username, password, tenantId, role },
  });
  if (status !== 201) throw new Error(`the user was not created: ${text}`);
  return { id: String(body['id']), username, password, tenantId };
}

/** As the administrator of everything. */
export async function patchUser(
  deployment: Pick<UserPods, 'auth'>,
  { id }: Pick<KnownUser, 'id'>,
  patch: object,
): Promise<Answer> {
  return deployment.auth.ask('PATCH', `/auth/users/${id}`, { token: await tokenOf(deployment, ROOT), body: patch });
}

/** Statuses of every pod of both services for this token. */
export async function statusesOf({ auth, query }: UserPods, token: string): Promise<number[]> {
  const answers = [
    ...(await auth.askEach('GET', '/auth/me', { token })),
    ...(await query.askEach('GET', '/v1/queries?limit=1', { token })),
  ];
  return answers.map(({ status }) => status);
}

export const GOOD_EVERYWHERE = [200, 200, 200, 200];
export const REFUSED_EVERYWHERE = [401, 401, 401, 401];
