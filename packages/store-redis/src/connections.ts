import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { misconfigured } from './errors.ts';
import type { RedisClient, RedisStoreSettings } from './options.ts';

export interface Connections {
  readonly client: RedisClient;
  /** Opens a client made here; nothing for one that was passed in. */
  readonly connect: () => Promise<void>;
  /** Closes what was opened here. */
  readonly release: () => Promise<void>;
}

const LONGEST_RETRY_DELAY_MS = 1000;
/**
 * For the server to close its side of a connection that is closed here. The driver keeps the process alive for so long also
 * where the connection was gone before (ioredis 5.11.1, `AbstractConnector.disconnect`).
 */
const FAREWELL_MS = 100;

/** For ever, since the store outlives its server; soon at first. */
function retryDelay(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_DELAY_MS);
}

/** A command is sent once or not at all: nobody but the caller knows whether it may be sent again. */
function nodeOptions(settings: RedisStoreSettings): RedisOptions {
  const { username, password, tls, commandTimeoutMs, connectTimeoutMs } = settings;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : tls }),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // With more than 0, a command whose connection broke waits for as many reconnections before it is rejected.
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: FAREWELL_MS,
    retryStrategy: retryDelay,
    // A master that became a replica: connect anew, which asks the sentinels or the name service again.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  };
}

export function connectionsOf(settings: RedisStoreSettings): Connections {
  const { client } = settings;
  if (client !== undefined) return { client, connect: async () => {}, release: async () => {} };
  const made = settings.cluster === undefined ? redisOf(settings) : clusterOf(settings, settings.cluster.nodes);
  const revival = revive(made);
  return {
    client: made,
    connect: () => made.connect(),
    release: async () => {
      revival.stop();
      made.disconnect();
    },
  };
}

/**
 * Connects again what ended by itself. The driver gives up, whatever its retry strategies say, when sentinels tell of another
 * master while it asks one of them where the master is (ioredis 5.11.1, `SentinelConnector.connect`).
 */
function revive(client: Redis | Cluster): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    timer = setTimeout(() => void client.connect().catch(() => {}), retryDelay(1));
  };
  client.on('end', again);
  return {
    stop: () => {
      client.off('end', again);
      clearTimeout(timer);
    },
  };
}

function redisOf(settings: RedisStoreSettings): Redis {
  const { url, sentinel } = settings;
  const options = nodeOptions(settings);
  if (sentinel !== undefined) {
    const { tls } = options;
    return new Redis({
      ...options,
      name: sentinel.name,
      sentinels: sentinel.nodes.map(({ host, port = 26_379 }) => ({ host, port })),
      ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
      ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password }),
      ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
      sentinelRetryStrategy: retryDelay,
      failoverDetector: true,
    });
  }
  try {
    return new Redis(url ?? '', options);
  } catch {
    throw misconfigured('url can not be read');
  }
}

function clusterOf(settings: RedisStoreSettings, nodes: readonly { host: string; port?: number }[]): Cluster {
  return new Cluster(
    nodes.map(({ host, port = 6379 }) => ({ host, port })),
    {
      lazyConnect: true,
      // For the moment in which a node is connected to. The store itself sends nothing to a cluster that is not ready.
      enableOfflineQueue: true,
      // 0: a command whose connection broke is not sent again behind the caller's back.
      retryDelayOnFailover: 0,
      slotsRefreshTimeout: settings.connectTimeoutMs,
      slotsRefreshInterval: 5000,
      scaleReads: 'master',
      clusterRetryStrategy: retryDelay,
      redisOptions: nodeOptions(settings),
    },
  );
}
