import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { PATIENT, WatchedClient, failure, newSession } from '../dynamo.fixture.ts';
import { FaultyEndpoint } from '../faulty-endpoint.fixture.ts';
import { createDynamoStore, createTable, inspectTable, tableDefinition } from '../index.ts';

let dynamo: TestDynamo;
let client: DynamoDBClient;

beforeAll(async () => {
  dynamo = await testDynamo();
  client = new WatchedClient(dynamo.url).client;
});

afterAll(async () => {
  client?.destroy();
  await dynamo?.stop();
});

/** Makes a table as somebody else would. */
async function foreign(change: (definition: CreateTableCommandInput) => CreateTableCommandInput): Promise<string> {
  const table = dynamo.tableName();
  await client.send(new CreateTableCommand(change(tableDefinition({ table }))));
  return table;
}

describe('a table', () => {
  it('has one partition key, an index of each kind and its capacity on demand', () => {
    expect(tableDefinition({ table: 'sessions' })).toMatchObject({
      TableName: 'sessions',
      BillingMode: 'PAY_PER_REQUEST',
      LocalSecondaryIndexes: [{ IndexName: 'by-subject', Projection: { ProjectionType: 'KEYS_ONLY' } }],
      GlobalSecondaryIndexes: [{ IndexName: 'by-due', Projection: { ProjectionType: 'KEYS_ONLY' } }],
    });
    const provisioned = tableDefinition({ table: 'sessions', billing: { readUnits: 7, writeUnits: 3 } });
    const throughput = { ReadCapacityUnits: 7, WriteCapacityUnits: 3 };
    expect(provisioned).toMatchObject({ BillingMode: 'PROVISIONED', ProvisionedThroughput: throughput });
    expect(provisioned.GlobalSecondaryIndexes?.[0]).toMatchObject({ ProvisionedThroughput: throughput });
  });

  it('that others made from the definition is taken', async () => {
    const table = await foreign((definition) => definition);
    expect(await createTable({ ...PATIENT, table, client })).toMatchObject({ created: false });
    const store = await createDynamoStore({ ...PATIENT, table, client, namespace: 'n' });
    expect((await store.sessions.create(newSession())).ok).toBe(true);
    await store.close();
  });

  it('that is missing is a misconfiguration that says what to do', async () => {
    const error = await failure(
      createDynamoStore({ ...PATIENT, table: 'nowhere', endpoint: dynamo.url, namespace: 'n' }),
    );
    expect(error).toMatchObject({ code: 'misconfigured', outcome: 'not_applied', retryable: false });
    expect(error.message).toContain('mooring-store-dynamodb create-table');
  });

  it('that was not looked at first says the same at the first call', async () => {
    const store = await createDynamoStore({
      ...PATIENT,
      table: 'nowhere',
      endpoint: dynamo.url,
      namespace: 'n',
      verifyTable: false,
    });
    const error = await failure(store.sessions.get(newSession()));
    expect([error.code, error.message.includes('create-table')]).toEqual(['misconfigured', true]);
    await store.close();
  });

  it.each<readonly [string, (definition: CreateTableCommandInput) => CreateTableCommandInput]>([
    [
      'without its indexes',
      ({ TableName, BillingMode, KeySchema, AttributeDefinitions }) => ({
        TableName,
        BillingMode,
        KeySchema,
        AttributeDefinitions: AttributeDefinitions?.slice(0, 2),
      }),
    ],
    [
      'with an index of another key',
      (definition) => ({
        ...definition,
        LocalSecondaryIndexes: definition.LocalSecondaryIndexes?.map((index) => ({
          ...index,
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'dueIn', KeyType: 'RANGE' },
          ],
        })),
        AttributeDefinitions: definition.AttributeDefinitions?.filter(({ AttributeName }) => AttributeName !== 'ix'),
      }),
    ],
    [
      'with another key',
      ({ TableName }) => ({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    ],
  ])('of somebody else, %s, is refused and left alone', async (_, change) => {
    const table = await foreign(change);
    for (const call of [
      createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'n' }),
      createTable({ ...PATIENT, table, endpoint: dynamo.url }),
    ]) {
      const error = await failure(call);
      expect(error).toMatchObject({ code: 'misconfigured', retryable: false });
      expect(error.message).toContain('other keys or indexes');
    }
    expect(await inspectTable({ ...PATIENT, table, endpoint: dynamo.url })).toEqual({ table: 'foreign' });
  });

  it('is looked at without being made', async () => {
    const table = dynamo.tableName();
    const options = { ...PATIENT, table, endpoint: dynamo.url };
    expect(await inspectTable(options)).toEqual({ table: 'missing' });
    await createTable(options);
    expect(await inspectTable(options)).toEqual({ table: 'ready', timeToLive: 'disabled' });
  });
});

/** dynalite has no time to live; these answers are those of DynamoDB. */
describe('the time to live', () => {
  const DISABLED = { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
  const ENABLED = { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'collectAt' } };

  type Answers = readonly (readonly [of: string, answer: object])[];

  async function withAnswers(
    answers: Answers,
    work: (options: Parameters<typeof createTable>[0]) => Promise<unknown>,
  ): Promise<unknown> {
    const service = await FaultyEndpoint.start(dynamo.url);
    for (const [of, answer] of answers) service.next({ of, how: { answer } });
    const table = await foreign((definition) => definition);
    const result = await work({ ...PATIENT, table, endpoint: service.url }).catch((error: unknown) => error);
    await service.close();
    return result;
  }

  const created = (answers: Answers): Promise<unknown> => withAnswers(answers, createTable);

  it('is enabled where it is not', async () => {
    expect(
      await created([
        ['DescribeTimeToLive', DISABLED],
        ['UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'collectAt', Enabled: true } }],
      ]),
    ).toMatchObject({ timeToLive: 'enabled' });
  });

  it('is left as it is where it is enabled', async () => {
    expect(await created([['DescribeTimeToLive', ENABLED]])).toMatchObject({ timeToLive: 'already' });
  });

  it('on another attribute is a misconfiguration', async () => {
    const other = { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } };
    expect(await created([['DescribeTimeToLive', other]])).toMatchObject({ code: 'misconfigured' });
  });

  it.each([
    ['enabled', ENABLED],
    ['disabled', DISABLED],
    ['elsewhere', { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } }],
  ])('is seen to be %s', async (timeToLive, answer) => {
    const found = await withAnswers([['DescribeTimeToLive', answer]], inspectTable);
    expect(found).toEqual({ table: 'ready', timeToLive });
  });

  it('is reported as missing where the endpoint has none', async () => {
    expect(await created([])).toMatchObject({ timeToLive: 'unsupported' });
  });
});
