import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, ask, login, me, startCluster, tokenOf } from './cluster.fixture.ts';
import type { Cluster } from './cluster.fixture.ts';
import { startUnready } from './service-process.fixture.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

describe('a start', () => {
  it('creates the first administrator once, of two pods at once, and demo users, with a warning', async () => {
    const demo = { MOORING_DEMO_USERS: 'test:test@demo/user, boss:b:o@s@demo/dba' };
    const pods = await Promise.all([cluster.start(demo), cluster.start(demo)]);
    const said = () => pods.map((pod) => pod.output());
    // A log arrives a little after the answers.
    const isWhole = (log: string): boolean => log.includes('Using database for session storage');
    while (!said().every(isWhole)) await new Promise((resolve) => setTimeout(resolve, 20));
    const [one = '', other = ''] = said();
    expect((one + other).match(/Created the first administrator/g)).toHaveLength(1);
    expect(one).toMatch(/"level":"warn"[^\n]*demo users/);
    for (const log of [one, other]) {
      expect(log).toContain('Using database for session storage');
      expect(log).not.toContain(ROOT.password);
    }
    const [pod] = pods;
    const answer = await login(pod, { username: 'test', password: 'test' });
    expect(answer.body['user']).toMatchObject({ tenantId: 'demo', role: 'user' });
    expect((await login(pod, { username: 'boss', password: 'b:o@s' })).body['user']).toMatchObject({ role: 'dba' });
    const root = await tokenOf(pod, ROOT);
    const { users } = (await ask(pod, 'GET', '/auth/users', { token: root })).body as { users: { username: string }[] };
    expect(users.map(({ username }) => username)).toEqual(['boss', 'root', 'test']);
  });

  it('does without both, and takes users from the command', async () => {
    const command = fileURLToPath(new URL('../dist/create-user-main.js', import.meta.url));
    const run = (args: string[], password: string): Promise<[number | null, string]> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [command, ...args], { env: { NODE_NO_WARNINGS: '1', ...cluster.env } });
        let said = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
        child.on('close', (code) => resolve([code, said]));
        child.stdin.end(`${password}\n`);
      });
    const carol = { username: 'carol', password: 'a password for carol alone' };
    const args = ['--username', carol.username, '--tenant', 'acme', '--role', 'system'];
    expect(await run(args, carol.password)).toEqual([0, expect.stringContaining('Created the user carol of acme')]);
    expect(await run(args, carol.password)).toEqual([1, 'There is a user of this name already.\n']);
    const pod = await cluster.start({ MOORING_FIRST_ADMIN: '' });
    expect((await me(pod, await tokenOf(pod, carol))).body['user']).toMatchObject({ role: 'system' });
  });

  it('lists every fault of the configuration, and no secret', async () => {
    const service = startUnready({
      MOORING_PORT: 'x',
      MOORING_FIRST_ADMIN: 'acme/root:hunter2',
      MOORING_DEMO_USERS: 'hunter3',
      MOORING_COOKIE: 'true',
    });
    expect(await service.exited).toBe(1);
    const output = service.output();
    for (const name of ['DATABASE_URL', 'MOORING_PORT', 'MOORING_DEMO_USERS', 'MOORING_COOKIE'])
      expect(output).toContain(name);
    expect(output).not.toMatch(/hunter\d|\n\s+at /);
  });

  it('says all that is away at once', async () => {
    const away = { DATABASE_URL: 'postgres://ann:hunter22@127.0.0.1:9/x', REDIS_URL: 'redis://:hunter22@127.0.0.1:9' };
    const service = startUnready({ ...away, MOORING_PORT: '0' });
    expect(await service.exited).toBe(1);
    expect(service.output()).toMatch(
      /auth-api did not start\. The configuration has 2 faults:\n {2}DATABASE_URL: .* Start the .*\n {2}REDIS_URL: .* Start the /,
    );
    expect(service.output()).not.toContain('hunter22');
  });
});
