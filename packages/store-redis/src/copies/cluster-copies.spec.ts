import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import type { SessionRecord, StoreError } from '@mooring/session-store';
import { startCluster } from '../cluster.fixture.ts';
import type { TestCluster } from '../cluster.fixture.ts';
import { createRedisCopies } from '../index.ts';
import { dump, eventually, times } from '../redis.fixture.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster?.stop());

function record(subjectId: string): SessionRecord {
  return {
    tenantId: 'acme',
    id: newSessionId({ tenantId: 'acme', subjectId }),
    subjectId,
    data: {},
    version: 1,
    createdAt: 1000,
    authenticatedAt: 1000,
    lastSeenAt: 1000,
    idleTimeoutMs: 60_000,
    idleExpiresAt: 61_000,
    absoluteExpiresAt: 61_000,
    verifier: null,
    rotatedAt: null,
  };
}

it('copies are spread over the masters, and every client names them alike', async () => {
  const one = await createRedisCopies({ cluster: { nodes: cluster.nodes.slice(0, 1) }, namespace: 'spread' });
  const other = await createRedisCopies({ cluster: { nodes: cluster.nodes.slice(1) }, namespace: 'spread' });
  const sessions = times(60, (index) => record(`s-${index}`));
  for (const session of [...sessions, ...sessions]) {
    const { marks } = await one.find('e', session);
    await one.keep({ epoch: 'e', record: session, marks, ttlMs: 60_000 });
  }
  for (const url of cluster.urls) expect(await dump(url)).toContain('spread:acme:{');
  for (const session of sessions) expect((await other.find('e', session)).record).toEqual(session);
  await Promise.all(sessions.map((session) => other.forget(session)));
  for (const session of sessions) expect((await one.find('e', session)).record).toBeUndefined();
  await one.forgetSubject('acme', 's-1');
  const interruptions = one.interruptions;
  expect(await one.incarnation()).toBe(await other.incarnation());
  expect(one.interruptions).toBe(interruptions);
  await one.close();
  await other.close();
});

it('a master that is killed interrupts, and comes back as another', async () => {
  const copies = await createRedisCopies({ cluster: { nodes: cluster.nodes }, namespace: 'killed' });
  const [first, interruptions] = [await copies.incarnation(), copies.interruptions];
  await cluster.servers[2]?.kill();
  await eventually(
    async () => copies.interruptions,
    (count) => count > interruptions,
  );
  expect(await copies.incarnation().catch(({ code }: StoreError) => code)).not.toBe(first);
  await cluster.servers[2]?.restart();
  const late = await createRedisCopies({ cluster: { nodes: cluster.nodes.slice(2) }, namespace: 'killed' });
  for (const client of [copies, late]) {
    const next = await eventually(
      () => client.incarnation(),
      () => true,
    );
    expect(next).not.toBe(first);
    await client.close();
  }
});
