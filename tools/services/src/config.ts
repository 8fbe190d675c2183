/** What the environment may say about servers for tests. */
export interface ServicesConfig {
  readonly path: string;
  readonly postgresUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly dynamoUrl: string | undefined;
}

function setOrUndefined(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): ServicesConfig {
  return {
    path: env['PATH'] ?? '',
    postgresUrl: setOrUndefined(env['MOORING_TEST_POSTGRES_URL']),
    redisUrl: setOrUndefined(env['MOORING_TEST_REDIS_URL']),
    dynamoUrl: setOrUndefined(env['MOORING_TEST_DYNAMODB_URL']),
  };
}
