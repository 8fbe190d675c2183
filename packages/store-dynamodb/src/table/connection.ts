import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoConnection } from '../options.ts';

/** The SDK's own limit of 50 queues silently. */
const MOST_SOCKETS = 256;

const LOCAL = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** Takes the place of the SDK's middleware of this name. */
const NO_RETRIES = { name: 'retryMiddleware', step: 'finalizeRequest', priority: 'high', override: true } as const;

export interface Connection {
  readonly client: DynamoDBDocumentClient;
  /** Closes what was opened here. */
  release(): void;
}

/**
 * A document client without the SDK's retries: they would send a write again without saying that the first one may have
 * been applied. A client that was passed in stays as it is.
 */
export function connectionOf(options: DynamoConnection): Connection {
  const client = options.client ?? new DynamoDBClient(configOf(options));
  const own = Object.create(client) as DynamoDBClient;
  Object.assign(own, { config: { ...client.config }, middlewareStack: client.middlewareStack.clone() });
  own.middlewareStack.add((next) => (args) => next(args), NO_RETRIES);
  return {
    client: DynamoDBDocumentClient.from(own, { marshallOptions: { removeUndefinedValues: true } }),
    release: () => {
      if (options.client === undefined) client.destroy();
    },
  };
}

function configOf({ region, endpoint, credentials, requestTimeoutMs = 2000 }: DynamoConnection): DynamoDBClientConfig {
  const agent = { keepAlive: true, maxSockets: MOST_SOCKETS };
  return {
    requestHandler: { connectionTimeout: requestTimeoutMs, httpAgent: agent, httpsAgent: agent },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(endpoint !== undefined && isLocal(endpoint) ? LOCAL : {}),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function isLocal(endpoint: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(endpoint).hostname);
}
