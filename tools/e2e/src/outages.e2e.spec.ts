import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { startDeployment } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { askPod } from './fleet.ts';
import type { Answer } from './fleet.ts';
import { GOOD_EVERYWHERE, REFUSED_EVERYWHERE, createUser, login, statusesOf, tokenOf } from './users.ts';

const CALLERS = 8;

let deployment: Deployment | undefined;
afterEach(() => deployment?.stop());

describe('a Redis with copies that is killed under load and comes back with all it had', () => {
  it('fails no verification, is told of once by each pod, and brings nothing back that was revoked meanwhile', async () => {
    deployment = await startDeployment({ store: 'failover', env: { MOORING_RATE_LIMIT_REQUESTS: '0' } });
    const { redis, auth, pods } = deployment;
    const ann = await createUser(deployment);
    const [kept, before, during] = [
      await tokenOf(deployment, ann),
      await tokenOf(deployment, ann),
      await tokenOf(deployment, ann),
    ];
    for (const token of [kept, before, during]) {
      expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    }
    expect((await auth.ask('POST', '/auth/logout', { token: before })).status).toBe(204);
    const load = new Load(deployment, kept);

    await redis.kill();
    expect((await auth.ask('POST', '/auth/logout', { token: during })).status).toBe(204);
    for (const token of [before, during]) expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    const late = await tokenOf(deployment, ann);
    expect(await statusesOf(deployment, late)).toEqual(GOOD_EVERYWHERE);
    for (const pod of pods()) await untilDegraded(pod, true);
    for (const { status, body } of await auth.askEach('GET', '/health/ready')) {
      expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('degraded')]);
    }

    await redis.restart();
    for (const pod of pods()) await untilDegraded(pod, false);
    for (const token of [before, during]) expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    for (const token of [kept, late]) expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);

    while (load.answered <= 100) await setTimeout(50);
    const answers = await load.end();
    expect([...answers.keys()]).toEqual([200]);
    for (const pod of pods()) {
      const warnedAt = warningsOf(pod);
      expect(warnedAt.length).toBeGreaterThan(0);
      const gaps = warnedAt.slice(1).map((at, index) => at - (warnedAt[index] ?? 0));
      expect(gaps.filter((ms) => ms < WARN_INTERVAL_MS - 1000)).toEqual([]);
    }
  }, 300_000);
});

describe('a PostgreSQL that is stopped', () => {
  it('is 503 with Retry-After for good tokens on every pod, never 200 and never 401, until it is back', async () => {
    deployment = await startDeployment({ store: 'postgres', ownPostgres: true });
    const { postgres, auth, query, pods } = deployment;
    const ann = await createUser(deployment);
    const token = await tokenOf(deployment, ann);
    expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    await postgres?.kill();
    const refusals: Answer[] = [
      ...(await auth.askEach('GET', '/auth/me', { token })),
      ...(await auth.askEach('POST', '/auth/refresh', { token })),
      ...(await auth.askEach('POST', '/auth/logout', { token })),
      ...(await query.askEach('GET', '/v1/queries?limit=1', { token })),
      ...(await query.askEach('POST', '/v1/queries', { token, body: { sql: 'select 1' } })),
      await login(deployment, ann),
    ];
    for (const { status, headers, body } of refusals) {
      expect([status, body['code']]).toEqual([503, expect.stringMatching(/^(store|users)_unavailable$/)]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    for (const fleet of [auth, query]) {
      const junk = await fleet.askEach('GET', fleet === auth ? '/auth/me' : '/v1/queries', { token: 'junk' });
      expect(junk.map(({ status }) => status)).toEqual([401, 401]);
      const ready = await fleet.askEach('GET', '/health/ready');
      expect(ready.map(({ status }) => status)).toEqual([503, 503]);
      const live = await fleet.askEach('GET', '/health/live');
      expect(live.map(({ status }) => status)).toEqual([200, 200]);
    }
    await postgres?.restart();
    for (const pod of pods()) await untilReady(pod);
    expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    expect((await login(deployment, ann)).status).toBe(200);
    expect(auth.log() + query.log()).not.toContain('Request failed unexpectedly');
  }, 300_000);
});

/** Callers that verify one token on all pods without a pause, and count what they are answered. */
class Load {
  private readonly statuses = new Map<number, number>();
  private readonly callers: Promise<void>[];
  private going = true;

  constructor({ auth, query }: Deployment, token: string) {
    const call = async (index: number): Promise<void> => {
      while (this.going) {
        const answer = await (index % 2 === 0
          ? auth.ask('GET', '/auth/me', { token })
          : query.ask('GET', '/v1/queries?limit=1', { token }));
        this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
      }
    };
    this.callers = Array.from({ length: CALLERS }, (_, index) => call(index));
  }

  get answered(): number {
    return [...this.statuses.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How often each status was answered. */
  async end(): Promise<ReadonlyMap<number, number>> {
    this.going = false;
    await Promise.all(this.callers);
    return this.statuses;
  }
}

/** Of the failover store: no more than a warning in that time, however often a machine that stands still loses copies. */
const WARN_INTERVAL_MS = 60_000;

function warningsOf(pod: ServiceProcess): number[] {
  const lines = pod.output().split('\n');
  const warned = lines.filter((line) => line.includes('Using database for session storage') && line.endsWith('}'));
  return warned.map((line) => Date.parse((JSON.parse(line) as { readonly time: string }).time));
}

/** Waits until the pod says so; the test's own limit ends it. */
async function untilDegraded(pod: ServiceProcess, degraded: boolean): Promise<void> {
  for (;;) {
    const { text } = await askPod(pod, 'GET', '/metrics');
    if (/^mooring_store_degraded\{store="auth",[^}]*\} (\d)$/m.exec(text)?.[1] === (degraded ? '1' : '0')) return;
    await setTimeout(50);
  }
}

async function untilReady(pod: ServiceProcess): Promise<void> {
  while ((await askPod(pod, 'GET', '/health/ready')).status !== 200) await setTimeout(50);
}
