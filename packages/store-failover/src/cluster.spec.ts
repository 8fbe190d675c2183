import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import { createRedisCopies } from '@mooring/store-redis';
import { createFailoverStore } from './index.ts';
import type { FailoverStore } from './index.ts';
import { newSession } from './processes.fixture.ts';
import { redisCommand } from './redis-command.fixture.ts';
import { Servers, eventually } from './servers.fixture.ts';

const SLOTS = 16_384;
let servers: Servers;
const nodes: RedisServer[] = [];

beforeAll(async () => {
  servers = await Servers.start();
  const buses: string[] = [];
  for (let index = 0; index < 3; index++) {
    const { bus, node } = await startNode();
    buses.push(bus);
    nodes.push(node);
  }
  for (const [index, { url }] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / 3)) as [number, number];
    await redisCommand(url, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to - 1));
    await redisCommand(url, 'CLUSTER', 'MEET', '127.0.0.1', String(nodes[0]?.port), String(buses[0]));
  }
  for (const { url } of nodes) await eventually(() => redisCommand(url, 'SET', '{a}', 'x').catch(String), isUp);
});

afterAll(async () => {
  await servers?.stop();
  await Promise.all(nodes.map((node) => node.stop()));
});

/** With another port for its bus where somebody took that meanwhile. */
async function startNode(tries = 8): Promise<{ readonly bus: string; readonly node: RedisServer }> {
  const bus = String(await freePort());
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '1000', 'cluster-port': bus };
  try {
    return { bus, node: await startRedis({ settings }) };
  } catch (error) {
    if (tries === 1) throw error;
    return startNode(tries - 1);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A node of a cluster that is not complete answers that it is down, and no redirection. */
function isUp(answer: string): boolean {
  return answer === 'OK' || answer.includes('MOVED');
}

async function start(): Promise<FailoverStore> {
  const namespace = 'cluster';
  return servers.keep(
    await createFailoverStore({
      authority: await servers.authority({ namespace }),
      copies: await createRedisCopies({
        cluster: { nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
        namespace,
      }),
      maxStalenessMs: 200,
      firstRetryMs: 50,
      longestRetryMs: 200,
    }),
  );
}

it('copies on a Redis Cluster: what is revoked stays so, also when a master is killed and comes back', async () => {
  const [one, other] = [await start(), await start()];
  for (const store of [one, other]) {
    await eventually(
      () => store.usesCopies,
      (uses) => uses,
    );
  }
  const sessions = Array.from({ length: 30 }, (_, index) => newSession({ subjectId: `subject-${index}` }));
  for (const session of sessions) await one.sessions.create(session);
  for (let reading = 0; reading < 3; reading++) for (const session of sessions) await one.sessions.get(session);
  for (const session of sessions.slice(0, 10)) await other.sessions.revoke(session, 'logout');
  const refused = async (count: number): Promise<void> => {
    for (const store of [one, other]) {
      for (const [index, session] of sessions.entries()) {
        expect([index, (await store.sessions.get(session)).ok]).toEqual([index, index >= count]);
      }
    }
  };
  await refused(10);
  await nodes[1]?.kill();
  for (const session of sessions.slice(10, 20)) await one.sessions.revoke(session, 'logout');
  await refused(20);
  await nodes[1]?.restart();
  for (const store of [one, other]) {
    await eventually(
      () => store.usesCopies,
      (uses) => uses,
    );
  }
  await refused(20);
});
