import { randomBytes } from 'node:crypto';
import { readConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import { callDynamo } from './dynamo-call.ts';
import { startDynamo, type DynamoServer } from './dynamo-server.ts';

/** A DynamoDB for one spec file. Any region and any credentials do. */
export interface TestDynamo {
  readonly url: string;
  /** Makes a unique name for a table, so that specs on one server do not meet. */
  tableName(): string;
  /** Drops the tables with the names made here and stops the server if it was started here. */
  stop(): Promise<void>;
}

async function dropTables(url: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await callDynamo(url, 'DeleteTable', { TableName: name }).catch((error: unknown) => {
      if (!String(error).includes('ResourceNotFoundException')) throw error;
    });
  }
}

async function requireAnswer(url: string): Promise<void> {
  try {
    await callDynamo(url, 'ListTables', {});
  } catch (error) {
    throw new ServiceError(
      'unreachable',
      `DynamoDB at ${new URL(url).host} does not answer: ${(error as Error).message}. Remedy: check MOORING_TEST_DYNAMODB_URL.`,
      { cause: error },
    );
  }
}

/** The local DynamoDB that MOORING_TEST_DYNAMODB_URL names, else one of its own. */
export async function testDynamo(externalUrl = readConfig().dynamoUrl): Promise<TestDynamo> {
  if (externalUrl !== undefined) await requireAnswer(externalUrl);
  const own: DynamoServer | undefined = externalUrl === undefined ? await startDynamo() : undefined;
  const url = externalUrl ?? (own as DynamoServer).url;
  const names: string[] = [];
  return {
    url,
    tableName: () => {
      const name = `mooring-test-${randomBytes(6).toString('hex')}`;
      names.push(name);
      return name;
    },
    stop: async () => {
      if (own === undefined) await dropTables(url, names.splice(0));
      else await own.stop();
    },
  };
}
