import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import type { RedisNode } from './index.ts';
import { direct, eventually } from './redis.fixture.ts';

const SLOTS = 16_384;

export interface TestCluster {
  readonly servers: readonly RedisServer[];
  readonly nodes: readonly RedisNode[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function startNode(attempts = 5): Promise<{ server: RedisServer; bus: number }> {
  const bus = await freePort();
  const settings = {
    'cluster-enabled': 'yes',
    // Less, and a node that a busy machine held up would count as lost.
    'cluster-node-timeout': '15000',
    // The default is the port plus 10,000, which may be no port at all.
    'cluster-port': String(bus),
  };
  try {
    return { server: await startRedis({ settings }), bus };
  } catch (error) {
    // Somebody else may have taken the port meanwhile.
    if (attempts === 1) throw error;
    return startNode(attempts - 1);
  }
}

/** Three masters that share the slots. */
export async function startCluster(): Promise<TestCluster> {
  const servers: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const buses: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      const { server, bus } = await startNode();
      servers.push(server);
      buses.push(bus);
    }
    for (const [index, { url }] of servers.entries()) {
      await direct(url, async (redis) => {
        const bounds = [0, 1].map((step) => Math.floor(((index + step) * SLOTS) / 3));
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(bounds[0]), String(Number(bounds[1]) - 1));
        await redis.call('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]?.port), String(buses[0]));
      });
    }
    for (const { url } of servers) {
      await direct(url, (redis) =>
        eventually(
          async () => String(await redis.call('CLUSTER', 'INFO')),
          (info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'),
        ),
      );
    }
    return {
      servers,
      nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
      urls: servers.map(({ url }) => url),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
