import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '@mooring/session-store';
import { misconfigured } from './errors.ts';

/** The part of an ioredis `Redis` or `Cluster` that the store uses. */
export interface RedisClient {
  readonly status: string;
  /** True of a `Cluster`. */
  readonly isCluster?: boolean;
  readonly options?: {
    readonly keyPrefix?: string | undefined;
    readonly commandTimeout?: number | undefined;
    /** Of the nodes of a `Cluster`. */
    readonly redisOptions?: { readonly commandTimeout?: number | undefined } | undefined;
  };
  sendCommand(command: object): unknown;
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...details: unknown[]) => void): unknown;
}

export interface RedisNode {
  readonly host: string;
  /** Default 6379, of a sentinel 26379. */
  readonly port?: number;
}

/** Exactly one of `url`, `cluster`, `sentinel` and `client`. A client that was passed in is never closed. */
export interface RedisStoreOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url?: string;
  /** Some nodes of a Redis Cluster; the others are found through them. */
  readonly cluster?: { readonly nodes: readonly RedisNode[] };
  /** Sentinels that know the master by `name`. */
  readonly sentinel?: {
    readonly name: string;
    readonly nodes: readonly RedisNode[];
    readonly username?: string;
    readonly password?: string;
  };
  /** A ready `Redis` or `Cluster` of ioredis 5. Its own settings count; `connectTimeoutMs` limits only the first answer. */
  readonly client?: RedisClient;
  /** Separates stores that share a server. Part of every key. */
  readonly namespace: string;
  /** Replaces the user of `url`. */
  readonly username?: string;
  /** Replaces the password of `url`. */
  readonly password?: string;
  /** Makes the connections TLS; `true` for the defaults of Node.js. */
  readonly tls?: boolean | ConnectionOptions;
  /** Replaces the server's clock, for tests. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The longest wait for an answer, 50 to 600,000. Default 2000. */
  readonly commandTimeoutMs?: number;
  /** The longest wait for a connection, 50 to 600,000. Default 2000. */
  readonly connectTimeoutMs?: number;
  /** Whether to fail when the server does not answer at first. Without it operations fail until it does. Default true. */
  readonly requireConnection?: boolean;
  /** What the store declares: set it where the server syncs each write before its answer. Default false. */
  readonly durable?: boolean;
  /** The most bytes of a session's data, as UTF-8 JSON. Default 262,144. */
  readonly maxDataBytes?: number;
}

export const DEFAULTS = {
  commandTimeoutMs: 2000,
  connectTimeoutMs: 2000,
  requireConnection: true,
  durable: false,
  maxDataBytes: 262_144,
};

export type RedisStoreSettings = RedisStoreOptions & Required<Pick<RedisStoreOptions, keyof typeof DEFAULTS>>;

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: RedisStoreOptions): RedisStoreSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as RedisStoreSettings;
  const { url, cluster, sentinel, client, namespace } = settings;
  if ([url, cluster, sentinel, client].filter((source) => source !== undefined).length !== 1) {
    throw misconfigured('give exactly one of url, cluster, sentinel and client');
  }
  if (url !== undefined && !/^rediss?:\/\/./.test(url))
    throw misconfigured('url must begin with redis:// or rediss://');
  if (cluster?.nodes.length === 0) throw misconfigured('cluster.nodes must name at least one node');
  if (sentinel !== undefined && (sentinel.nodes.length === 0 || sentinel.name.length === 0)) {
    throw misconfigured('sentinel must have a name and at least one node');
  }
  if (
    typeof namespace !== 'string' ||
    namespace.length === 0 ||
    namespace.length > 256 ||
    /\p{Cc}|\p{Cs}/u.test(namespace)
  ) {
    throw misconfigured('namespace must be 1 to 256 characters without control characters');
  }
  requireWhole('commandTimeoutMs', settings.commandTimeoutMs, 50, 600_000);
  requireWhole('connectTimeoutMs', settings.connectTimeoutMs, 50, 600_000);
  requireWhole('maxDataBytes', settings.maxDataBytes, 1024, 16_777_216);
  return settings;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}
