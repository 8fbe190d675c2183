import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb';

export interface TableOptions {
  readonly table: string;
  /** Default `on-demand`. */
  readonly billing?: 'on-demand' | { readonly readUnits: number; readonly writeUnits: number };
}

/** The sessions of a subject, in the order of their creation. */
export const BY_SUBJECT = 'by-subject';
/** What may be dead, by when. */
export const BY_DUE = 'by-due';
export const TIME_TO_LIVE = 'collectAt';

const PARTITION_KEY = { AttributeName: 'pk', KeyType: 'HASH' } as const;

/** The input of `CreateTable`: for tools that make tables themselves. Enable the time to live on `collectAt` after. */
export function tableDefinition({ table, billing = 'on-demand' }: TableOptions): CreateTableCommandInput {
  const throughput =
    billing === 'on-demand'
      ? {}
      : {
          ProvisionedThroughput: { ReadCapacityUnits: billing.readUnits, WriteCapacityUnits: billing.writeUnits },
        };
  return {
    TableName: table,
    BillingMode: billing === 'on-demand' ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    ...throughput,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'ix', AttributeType: 'S' },
      { AttributeName: 'dueIn', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    KeySchema: [PARTITION_KEY, { AttributeName: 'sk', KeyType: 'RANGE' }],
    LocalSecondaryIndexes: [
      {
        IndexName: BY_SUBJECT,
        KeySchema: [PARTITION_KEY, { AttributeName: 'ix', KeyType: 'RANGE' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: BY_DUE,
        KeySchema: [
          { AttributeName: 'dueIn', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
        ...throughput,
      },
    ],
  };
}

interface Keyed {
  readonly KeySchema?:
    | readonly { readonly AttributeName?: string | undefined; readonly KeyType?: string | undefined }[]
    | undefined;
}

/** Whether a table has the keys and the indexes of this store. */
export function isOurs(description: TableDescription): boolean {
  const { KeySchema, LocalSecondaryIndexes, GlobalSecondaryIndexes } = tableDefinition({ table: '' });
  const own = [{ KeySchema }, ...(LocalSecondaryIndexes ?? []), ...(GlobalSecondaryIndexes ?? [])];
  const theirs = [
    description,
    LocalSecondaryIndexes?.map(({ IndexName }) =>
      description.LocalSecondaryIndexes?.find((one) => one.IndexName === IndexName),
    ),
    GlobalSecondaryIndexes?.map(({ IndexName }) =>
      description.GlobalSecondaryIndexes?.find((one) => one.IndexName === IndexName),
    ),
  ].flat();
  return own.every((keyed, place) => keysOf(keyed) === keysOf(theirs[place]));
}

function keysOf(keyed: Keyed | undefined): string {
  return (keyed?.KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join();
}
