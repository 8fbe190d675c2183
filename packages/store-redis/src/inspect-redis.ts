import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { Cluster, Redis } from 'ioredis';
import { connectionsOf } from './connections.ts';
import { overdue, translate } from './errors.ts';
import { settingsOf } from './options.ts';
import type { RedisStoreOptions } from './options.ts';

/** What an operator may want to know of a server that commands go to. */
export interface RedisServerInspection {
  readonly version: string;
  readonly role: string;
  readonly latencyMs: number;
  /** How far the server's clock is ahead of this process's, exact to half of `latencyMs`. */
  readonly clockAheadMs: number;
  /** What goes when `maxMemoryBytes` are used: `noeviction` for nothing. */
  readonly evictionPolicy: string;
  /** 0 for no limit. */
  readonly maxMemoryBytes: number;
  readonly usedMemoryBytes: number;
  readonly appendOnly: boolean;
  /** Whether it saves snapshots by itself; null where it does not say, as some services don't. */
  readonly snapshots: boolean | null;
  /** The last snapshot, or the last write to the append-only file, failed. */
  readonly saveFailed: boolean;
}

export type RedisInspectionOptions = Pick<
  RedisStoreOptions,
  'url' | 'cluster' | 'sentinel' | 'username' | 'password' | 'tls' | 'connectTimeoutMs'
> & { readonly clock?: Pick<Clock, 'now'> };

/** Looks at the server, or at the masters of a cluster, and changes nothing. Rejects with a `StoreError`. */
export async function inspectRedis(options: RedisInspectionOptions): Promise<readonly RedisServerInspection[]> {
  const { clock = systemClock, ...place } = options;
  const settings = settingsOf({ ...place, namespace: 'inspect' });
  const { client, connect, release } = connectionsOf(settings);
  let refusal: unknown;
  client.on('error', (cause) => {
    refusal ??= cause;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const { connectTimeoutMs } = settings;
    timer = setTimeout(() => reject(refusal ?? overdue('inspect', connectTimeoutMs)), connectTimeoutMs);
  });
  try {
    return await Promise.race([connect().then(() => inspectAll(client as unknown as Redis | Cluster, clock)), late]);
  } catch (cause) {
    throw translate('inspect', refusal ?? cause, false);
  } finally {
    clearTimeout(timer);
    await release();
  }
}

function inspectAll(client: Redis | Cluster, clock: Pick<Clock, 'now'>): Promise<RedisServerInspection[]> {
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  return Promise.all(servers.map((server) => inspect(server, clock)));
}

async function inspect(server: Redis, clock: Pick<Clock, 'now'>): Promise<RedisServerInspection> {
  // One after the other, since servers before 7.0 answer one section at a time.
  const sections = ['server', 'replication', 'memory', 'persistence'];
  const info = (await Promise.all(sections.map((section) => server.info(section)))).join('\n');
  const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const sentAt = clock.now();
  const started = performance.now();
  const [seconds, micros] = await server.time();
  const latencyMs = performance.now() - started;
  const serverTime = Number(seconds) * 1000 + Number(micros) / 1000;
  return {
    version: value('redis_version'),
    role: value('role'),
    latencyMs,
    clockAheadMs: serverTime - (sentAt + latencyMs / 2),
    evictionPolicy: value('maxmemory_policy'),
    maxMemoryBytes: Number(value('maxmemory')),
    usedMemoryBytes: Number(value('used_memory')),
    appendOnly: value('aof_enabled') === '1',
    snapshots: await snapshotsOf(server),
    saveFailed: [value('rdb_last_bgsave_status'), value('aof_last_write_status')].includes('err'),
  };
}

/** Services that run Redis for others refuse CONFIG. */
async function snapshotsOf(server: Redis): Promise<boolean | null> {
  try {
    const answer = (await server.config('GET', 'save')) as readonly string[];
    return (answer[1] ?? '') !== '';
  } catch {
    return null;
  }
}
