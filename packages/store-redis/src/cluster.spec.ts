import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformance, documented, preparedOperations } from '@mooring/session-store-testkit';
import { startCluster } from './cluster.fixture.ts';
import type { TestCluster } from './cluster.fixture.ts';
import { capabilities, rawAccess } from './conformance.fixture.ts';
import { createRedisStore, inspectRedis } from './index.ts';
import type { RedisStore } from './index.ts';
import { direct, dump, newSession } from './redis.fixture.ts';
import { Wire } from './wire.fixture.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster?.stop());

const report = conformance(
  { describe, it },
  {
    name: 'redis cluster',
    capabilities,
    open: (options) => createRedisStore({ cluster: { nodes: cluster.nodes.slice(0, 1) }, ...options }),
    raw: rawAccess(() => cluster.urls),
    wire: { reason: 'cluster.spec.ts counts at the nodes, and looks at the slots' },
    faults: { reason: 'a line to each node; the errors are those of one server' },
    pristine: { reason: 'there is nothing to create before its first use' },
    logs: { reason: 'it writes no log' },
    modelRuns: 10,
    floodKeys: 1000,
  },
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});

describe('an inspection', () => {
  it('is of each master', async () => {
    const servers = await inspectRedis({ cluster: { nodes: cluster.nodes.slice(0, 1) } });
    expect(servers).toHaveLength(cluster.nodes.length);
    for (const server of servers) expect(server).toMatchObject({ role: 'master', evictionPolicy: 'noeviction' });
  });
});

describe('slots', () => {
  let store: RedisStore;
  let wire: Wire;

  beforeAll(async () => {
    store = await createRedisStore({ cluster: { nodes: cluster.nodes }, namespace: 'slots' });
    wire = await Wire.watch(cluster.urls);
  });

  afterAll(async () => {
    wire?.stop();
    await store?.close();
  });

  it('each operation is one command, and all its keys are in one slot', async () => {
    for (const { name, run } of await preparedOperations(store, { now: Date.now(), word: '{*}' })) {
      // A list of a whole tenant and a sweep ask each partition.
      if (name.startsWith('sweep') || name === 'sessions.list of a tenant') continue;
      const commands = await wire.during(() => run(store));
      expect([name, commands.length]).toEqual([name, 1]);
      const { declared = [], touched = [] } = commands[0] ?? {};
      const slots = await direct(cluster.urls[0] ?? '', (redis) =>
        Promise.all([...declared, ...touched].map((key) => redis.cluster('KEYSLOT', key))),
      );
      expect([name, new Set(slots).size <= 1]).toEqual([name, true]);
      for (const key of touched) expect(declared).toContain(key);
    }
  });

  it('sessions of one tenant are spread over all nodes, and a list finds them', async () => {
    const sessions = Array.from({ length: 60 }, (_, index) => newSession({ tenantId: 't', subjectId: `s-${index}` }));
    await Promise.all(sessions.map((session) => store.sessions.create(session)));
    for (const url of cluster.urls) expect(await dump(url)).toContain('slots:t:{');
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.sessions.list(
        { tenantId: 't' },
        { limit: 7, ...(cursor === undefined ? {} : { cursor }) },
      );
      expect(page.items.length).toBeLessThanOrEqual(7);
      found.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.sort()).toEqual(sessions.map(({ id }) => id).sort());
  });
});
