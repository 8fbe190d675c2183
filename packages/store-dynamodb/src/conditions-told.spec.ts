import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { TOPICS, conformance } from '@mooring/session-store-testkit';
import type { OptOut } from '@mooring/session-store-testkit';
import { dynamoHarness } from './conformance.fixture.ts';
import { PATIENT, WatchedClient } from './dynamo.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

/** What depends on what a failed condition is answered with. */
const AFFECTED = [
  'compare-and-set',
  'tombstones',
  'touch',
  'rotation',
  'maximum-per-subject',
  'replacing-dead',
  'leases',
  'limits',
  'pool-caps',
];

const others: OptOut = Object.fromEntries(
  Object.keys(TOPICS)
    .filter((topic) => !AFFECTED.includes(topic))
    .map((topic) => [topic, { reason: 'runs on the endpoint as it is' }]),
);

let dynamo: TestDynamo;
let table: string;
const clients: WatchedClient[] = [];

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
});

afterAll(async () => {
  for (const client of clients) client.close();
  await dynamo?.stop();
});

/** DynamoDB answers a failed condition with the item; dynalite does not, so a middleware adds it. */
conformance(
  { describe, it },
  {
    name: 'dynamodb that tells the item whose condition failed',
    capabilities: dynamoHarness.capabilities,
    open(options) {
      const watched = new WatchedClient(dynamo.url, true);
      clients.push(watched);
      return createDynamoStore({ ...PATIENT, table, client: watched.client, ...options });
    },
  },
  others,
);
