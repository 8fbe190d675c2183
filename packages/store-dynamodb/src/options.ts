import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import { misconfigured } from './errors.ts';

/** How to reach DynamoDB. A `client` that was passed in is never closed. */
export interface DynamoConnection {
  /** Default: what the AWS SDK finds (environment, profile). */
  readonly region?: string;
  /** Of an emulator or a VPC endpoint. One on this machine (`http://localhost:8000`) needs no region and no credentials. */
  readonly endpoint?: string;
  /** Default: what the AWS SDK finds (environment, profile, role). */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
  /**
   * A ready client of the AWS SDK, instead of the three above. Its handler and its credentials are used, its retries
   * are not.
   */
  readonly client?: DynamoDBClient | DynamoDBDocumentClient;
  /** The longest that one request may take, tries included, 50 to 600,000. Default 2000. */
  readonly requestTimeoutMs?: number;
}

export interface DynamoStoreOptions extends DynamoConnection {
  /** The table, made by `createTable` or by the command `mooring-store-dynamodb create-table`. */
  readonly table: string;
  /** Separates stores that share a table. Part of every key. */
  readonly namespace: string;
  /** Decides all deadlines. Default: the process's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The most bytes of a session's data, as UTF-8 JSON, 1024 to 358,400. Default 262,144. */
  readonly maxDataBytes?: number;
  /** What the store declares: unset it for an emulator that keeps its tables in memory. Default true. */
  readonly durable?: boolean;
  /** Whether to look at the table first, with one `DescribeTable`. Default true. */
  readonly verifyTable?: boolean;
}

const DEFAULTS = { requestTimeoutMs: 2000, maxDataBytes: 262_144, durable: true, verifyTable: true };

export type DynamoStoreSettings = DynamoStoreOptions &
  Required<Pick<DynamoStoreOptions, keyof typeof DEFAULTS | 'clock'>>;

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: DynamoStoreOptions): DynamoStoreSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: DynamoStoreSettings = {
    clock: systemClock,
    ...DEFAULTS,
    ...(given as unknown as DynamoStoreOptions),
  };
  requireConnection(settings);
  requireTableName(settings.table);
  const { namespace } = settings;
  if (
    typeof namespace !== 'string' ||
    namespace.length === 0 ||
    namespace.length > 256 ||
    /\p{Cc}|\p{Cs}/u.test(namespace)
  ) {
    throw misconfigured('namespace must be 1 to 256 characters without control characters');
  }
  requireWhole('maxDataBytes', settings.maxDataBytes, 1024, 358_400);
  return settings;
}

export function requireConnection(options: DynamoConnection): void {
  const { client, endpoint, region, credentials, requestTimeoutMs = DEFAULTS.requestTimeoutMs } = options;
  if (client !== undefined && [region, endpoint, credentials].some((setting) => setting !== undefined)) {
    throw misconfigured('give a client or region, endpoint and credentials, not both');
  }
  if (endpoint !== undefined && !(/^https?:\/\/./.test(endpoint) && URL.canParse(endpoint))) {
    throw misconfigured('endpoint must be a URL that begins with http:// or https://');
  }
  requireWhole('requestTimeoutMs', requestTimeoutMs, 50, 600_000);
}

export function requireTableName(table: string): void {
  if (typeof table !== 'string' || !/^[a-zA-Z0-9_.-]{3,255}$/.test(table)) {
    throw misconfigured('table must be 3 to 255 characters of a-z A-Z 0-9 _ . -');
  }
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}
