import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { ask, createUser, me, patchUser, rootToken, startCluster, tokenOf } from './cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from './cluster.fixture.ts';

let cluster: Cluster;
let pod: ServiceProcess;
let service: string;
let ann: KnownUser;
beforeAll(async () => {
  cluster = await startCluster();
  pod = await cluster.start();
  service = await tokenOf(pod, await createUser(pod, { role: 'service' }));
  ann = await createUser(pod);
});
afterAll(() => cluster.stop());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const introspect = (body: unknown, token = service, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(pod, 'POST', '/auth/introspect', { token, body, headers });
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

describe('introspection', () => {
  it('says whose token it is, asked by a form or by JSON', async () => {
    const token = await tokenOf(pod, ann);
    const expected = {
      active: true,
      token_type: 'Bearer',
      sub: ann.id,
      username: ann.username,
      tenant_id: 'acme',
      role: 'user',
      iat: expect.any(Number),
      exp: expect.any(Number),
    };
    for (const answer of [
      await introspect(form({ token }), service, FORM),
      await introspect(form({ token, token_type_hint: 'access_token', client_id: 'x' }), service, FORM),
      await introspect({ token }),
    ]) {
      expect([answer.status, answer.body]).toEqual([200, expected]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const { iat, exp } = answer.body as { iat: number; exp: number };
      expect(exp - iat).toBeGreaterThan(1700);
      expect(exp - iat).toBeLessThan(1900);
    }
  });

  it('answers nothing of one that is not good, whatever is wrong with it', async () => {
    const [ended, changed] = [await tokenOf(pod, ann), await tokenOf(pod, await createUser(pod))];
    await ask(pod, 'POST', '/auth/logout', { token: ended });
    const dismissed = await createUser(pod);
    const dismissedToken = await tokenOf(pod, dismissed);
    await patchUser(pod, dismissed, { disabled: true });
    for (const token of [ended, dismissedToken, changed.slice(0, -1), `${changed}x`, 'junk', 'mrg_', 'a b', '\u0000']) {
      const answer = await introspect({ token });
      expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
    }
  });

  it('is for services: of the own tenant, or for the role system of all', async () => {
    const token = await tokenOf(pod, ann);
    const foreign = await tokenOf(pod, await createUser(pod, { tenantId: 'globex', role: 'dba' }));
    expect((await introspect({ token }, foreign)).text).toBe('{"active":false}');
    expect((await introspect({ token: foreign })).text).toBe('{"active":false}');
    expect((await introspect({ token: foreign }, await rootToken(pod))).body).toMatchObject({ tenant_id: 'globex' });
    expect((await introspect({ token }, await tokenOf(pod, ann))).body).toMatchObject({ status: 403 });
    expect((await ask(pod, 'POST', '/auth/introspect', { body: { token } })).status).toBe(401);
    expect((await me(pod, token)).status).toBe(200);
  });

  it.each([
    ['no token', form({ token_type_hint: 'x' }), 'validation_failed'],
    ['an empty token', form({ token: '' }), 'validation_failed'],
    ['a token twice', 'token=a&token=b', 'malformed_request'],
  ])('refuses a form with %s', async (_, body, code) => {
    expect((await introspect(body, service, FORM)).body).toMatchObject({ status: 400, code });
  });

  it('is the one route that takes forms', async () => {
    const body = form({ username: ann.username, password: ann.password });
    expect((await ask(pod, 'POST', '/auth/login', { body, headers: FORM })).body).toMatchObject({ status: 415 });
  });
});
