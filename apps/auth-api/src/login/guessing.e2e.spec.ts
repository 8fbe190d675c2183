import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import {
  ask,
  auditsOf,
  createUser,
  login,
  newAddress,
  patchUser,
  rootToken,
  startCluster,
  tokenOf,
} from '../cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from '../cluster.fixture.ts';

let cluster: Cluster;
let pods: readonly [ServiceProcess, ServiceProcess];
beforeAll(async () => {
  cluster = await startCluster();
  pods = await Promise.all([cluster.start(), cluster.start()]);
});
afterAll(() => cluster.stop());

let turn = 0;
const anyPod = (): ServiceProcess => pods[(turn += 1) % 2] ?? pods[0];

const guess = (user: Pick<KnownUser, 'username'>, address: string): Promise<Answer> =>
  login(anyPod(), { ...user, password: 'a wrong password' }, { address });

/** What a guesser sees, without what differs from request to request. */
function seen({ status, headers, body }: Answer): unknown {
  const { requestId: _, ...said } = body;
  const names = [...headers.keys()].filter((name) => !['x-request-id', 'date', 'keep-alive'].includes(name));
  return { status, said, headers: names.map((name) => [name, headers.get(name)]) };
}

describe('whatever is wrong with a login', () => {
  it('looks the same: wrong, of nobody, of a disabled user, of a locked one', async () => {
    const [ann, bob, cy] = await Promise.all([createUser(pods[0]), createUser(pods[0]), createUser(pods[0])]);
    await patchUser(pods[0], bob, { disabled: true });
    const address = newAddress();
    for (let failure = 0; failure < 5; failure += 1) await guess(cy, address);
    const wrong = await guess(ann, newAddress());
    const answers = [
      await guess({ username: 'nobody-of-this-name' }, newAddress()),
      await guess({ username: 'not a name \u0000 at all' }, newAddress()),
      await login(anyPod(), bob),
      await login(anyPod(), cy, { address }),
      await guess(cy, address),
    ];
    expect(wrong.body).toMatchObject({ status: 401, code: 'wrong_credentials' });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    for (const answer of answers) expect(seen(answer)).toEqual(seen(wrong));
  });

  it('takes the work of one password', async () => {
    const hashes = async (): Promise<number> => {
      const metrics = await (await fetch(`${pods[0].url}/metrics`)).text();
      return Number(/^mooring_auth_password_hashes_total\S* (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await hashes();
    await login(pods[0], { username: 'nobody', password: 'x' });
    expect(await hashes()).toBe(before + 1);
  });
});

describe('five wrong passwords from one address, over two pods', () => {
  it('lock that pair alone, not the account, nor the address', async () => {
    const [ann, bob] = [await createUser(pods[0]), await createUser(pods[0])];
    const address = newAddress();
    for (let failure = 0; failure < 5; failure += 1) expect((await guess(ann, address)).status).toBe(401);
    for (const pod of pods) expect((await login(pod, ann, { address })).status).toBe(401);
    expect((await login(pods[0], ann)).status).toBe(200);
    expect((await login(pods[0], bob, { address })).status).toBe(200);
  });

  it('count once for a name, however it is typed, and for an IPv6 network', async () => {
    const ann = await createUser(pods[0]);
    const host = (index: number): string => `2001:db8:7:7::${index + 1}`;
    for (let failure = 0; failure < 5; failure += 1) {
      const username = failure % 2 === 0 ? ann.username.toUpperCase() : ` ${ann.username} `;
      expect((await guess({ username }, host(failure))).status).toBe(401);
    }
    expect((await login(pods[0], ann, { address: host(9) })).status).toBe(401);
    expect((await login(pods[0], ann, { address: '2001:db8:7:8::1' })).status).toBe(200);
  });

  it('are forgotten by an administrator', async () => {
    const ann = await createUser(pods[0]);
    const address = newAddress();
    for (let failure = 0; failure < 5; failure += 1) await guess(ann, address);
    expect((await login(pods[0], ann, { address })).status).toBe(401);
    const asked = { token: await rootToken(pods[0]), body: { address } };
    expect((await ask(pods[0], 'POST', `/auth/users/${ann.id}/unlock`, asked)).status).toBe(204);
    expect((await login(pods[0], ann, { address })).status).toBe(200);
  });
});

describe('many who guess together', () => {
  it('lock the account, until an administrator unlocks it or sets another password', async () => {
    const ann = await createUser(pods[0]);
    const lock = async (): Promise<void> => {
      for (let failure = 0; failure < 20; failure += 1) expect((await guess(ann, newAddress())).status).toBe(401);
      expect((await login(pods[0], ann)).body).toMatchObject({ status: 401, code: 'wrong_credentials' });
    };
    await lock();
    const token = await rootToken(pods[0]);
    expect((await ask(pods[0], 'POST', `/auth/users/${ann.id}/unlock`, { token })).status).toBe(204);
    expect((await login(pods[0], ann)).status).toBe(200);
    await lock();
    const password = 'given by the administrator';
    expect((await patchUser(pods[0], ann, { password })).status).toBe(200);
    expect((await login(pods[0], { ...ann, password })).status).toBe(200);
  });

  it('do not keep somebody out of changing the password who is logged in', async () => {
    const ann = await createUser(pods[0]);
    const token = await tokenOf(pods[0], ann);
    for (let failure = 0; failure < 20; failure += 1) await guess(ann, newAddress());
    const body = { currentPassword: ann.password, newPassword: 'a new one, longer than before' };
    const headers = { 'x-forwarded-for': newAddress() };
    expect((await ask(pods[0], 'POST', '/auth/password', { token, body, headers })).status).toBe(204);
    expect((await login(pods[0], { ...ann, password: body.newPassword })).status).toBe(200);
  });

  it('guess no more often at once than one after the other', async () => {
    const ann = await createUser(pods[0]);
    const address = newAddress();
    const answers = await Promise.all(Array.from({ length: 30 }, () => guess(ann, address)));
    expect(await auditsOf(pods, { type: 'login_failed', address }, 5)).toHaveLength(5);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too_many_requests' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an address that fails with many names', () => {
  it('is refused for a while, and told so', async () => {
    const address = newAddress();
    const names = Array.from({ length: 100 }, (_, index) => ({ username: `nobody-${index}` }));
    await Promise.all(names.map((name) => guess(name, address)));
    const refused = await guess({ username: 'one-more' }, address);
    expect(refused.body).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    expect((await login(pods[0], await createUser(pods[0]))).status).toBe(200);
  });

  it('can not hide behind a header that no trusted proxy wrote', async () => {
    const open = await cluster.start({ MOORING_TRUST_PROXY: '10.0.0.1' });
    const ann = await createUser(pods[0]);
    const statuses: number[] = [];
    for (let failure = 0; failure < 6; failure += 1) {
      statuses.push((await login(open, { ...ann, password: 'wrong' })).status);
    }
    expect(statuses).toEqual(Array.from({ length: 6 }, () => 401));
    expect((await login(open, ann)).status).toBe(401);
    expect((await login(pods[0], ann)).status).toBe(200);
  });
});
