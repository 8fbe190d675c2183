import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type {
  BatchGetCommandOutput,
  BatchWriteCommandOutput,
  GetCommandOutput,
  QueryCommandOutput,
  UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '@mooring/session-store';
import { contended } from '../errors.ts';
import type { ItemKey } from '../keys.ts';
import type { DynamoStoreSettings } from '../options.ts';
import type { Connection } from './connection.ts';
import { plainItem } from './item.ts';
import type { Item } from './item.ts';
import { ConditionFailed, Requests, pause } from './requests.ts';
import type { Repeat } from './requests.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Update {
  readonly key: ItemKey;
  /** An update expression. */
  readonly change: string;
  /** A condition expression. */
  readonly when: string;
  /** By the names that stand in the expressions after a colon. Those that do not are left out. */
  readonly values?: Values;
  /** Whether the answer is the item after the change, or before it, or nothing. Default after. */
  readonly answer?: keyof typeof RETURNS;
  /** Whether the item is wanted when the condition failed. Default true. */
  readonly current?: boolean;
  /** What sending it again could do. Default `safe`. */
  readonly repeat?: Repeat;
}

const RETURNS = { after: 'ALL_NEW', before: 'ALL_OLD', none: 'NONE' } as const;

export type Written =
  | { readonly done: true; readonly item: Item }
  /** The condition failed. The item as it is, undefined when there is none or when it was not wanted. */
  | {
      readonly done: false;
      readonly current: Item | undefined;
      /** An earlier try of the same write may have been applied: its answer was lost. */
      readonly isUncertain: boolean;
    };

export interface Query {
  readonly index?: string;
  readonly where: string;
  readonly values: Values;
  readonly limit: number;
  readonly newestFirst?: boolean;
  readonly after?: Item | undefined;
  /** Whether all attributes are wanted, not only those of the index. */
  readonly whole?: boolean;
  /** Not of a global index. Default true. */
  readonly consistent?: boolean;
}

const MOST_KEYS_READ = 100;
const MOST_KEYS_WRITTEN = 25;
const MOST_ROUNDS = 8;

/** The table, one request on the wire for each call, reads strongly consistent. */
export class DynamoTable {
  /** The longest that one request may take. */
  readonly limitMs: number;
  private readonly requests: Requests;
  private readonly name: string;
  private readonly clock: DynamoStoreSettings['clock'];
  /** Whether the service was seen to answer a failed condition with the item. */
  private tellsCurrent = false;

  constructor({ client }: Connection, settings: DynamoStoreSettings) {
    this.requests = new Requests(client, settings.requestTimeoutMs);
    this.limitMs = settings.requestTimeoutMs;
    this.name = settings.table;
    this.clock = settings.clock;
  }

  now(): EpochMs {
    return Math.floor(this.clock.now());
  }

  close(): void {
    this.requests.close();
  }

  requireOpen(operation: string): void {
    this.requests.requireOpen(operation);
  }

  async get(operation: string, key: ItemKey): Promise<Item | undefined> {
    const input = { TableName: this.name, Key: { ...key }, ConsistentRead: true };
    return (await this.requests.send<GetCommandOutput>(operation, () => new GetCommand(input), 'read')).Item;
  }

  /**
   * The items that are there, or some attributes of them, in no order. More than one request for more than 100 keys, or
   * more than 16 MB.
   */
  async getAll(operation: string, keys: readonly ItemKey[], attributes?: string): Promise<readonly Item[]> {
    const found: Item[] = [];
    let left: readonly Record<string, unknown>[] = keys.map((key) => ({ ...key }));
    for (let round = 0; left.length > 0; round++) {
      if (round > keys.length / MOST_KEYS_READ + MOST_ROUNDS) throw contended(operation);
      const asked = left.slice(0, MOST_KEYS_READ);
      const projection = attributes === undefined ? {} : { ProjectionExpression: attributes };
      const input = { RequestItems: { [this.name]: { Keys: asked, ConsistentRead: true, ...projection } } };
      const answer = await this.requests.send<BatchGetCommandOutput>(
        operation,
        () => new BatchGetCommand(input),
        'read',
      );
      found.push(...(answer.Responses?.[this.name] ?? []));
      const unread = answer.UnprocessedKeys?.[this.name]?.Keys ?? [];
      left = [...unread, ...left.slice(asked.length)];
      if (unread.length === asked.length) await pause(round + 1);
    }
    return found;
  }

  async query(operation: string, query: Query): Promise<{ readonly items: readonly Item[]; readonly next?: Item }> {
    const { index, where, values, limit, newestFirst = false, after, whole = false, consistent = true } = query;
    const input = {
      TableName: this.name,
      KeyConditionExpression: where,
      ExpressionAttributeValues: valuesIn(where, values),
      ConsistentRead: consistent,
      ScanIndexForward: !newestFirst,
      Limit: limit,
      ...(index === undefined ? {} : { IndexName: index }),
      ...(whole ? { Select: 'ALL_ATTRIBUTES' as const } : {}),
      ...(after === undefined ? {} : { ExclusiveStartKey: { ...after } }),
    };
    const answer = await this.requests.send<QueryCommandOutput>(operation, () => new QueryCommand(input), 'read');
    const { Items = [], LastEvaluatedKey } = answer;
    return { items: Items, ...(LastEvaluatedKey === undefined ? {} : { next: LastEvaluatedKey }) };
  }

  /** Writes the item whole. */
  put(operation: string, item: Item & ItemKey, when: string, values: Values = {}): Promise<Written> {
    const { pk, sk } = item;
    const input = { TableName: this.name, Item: { ...item }, ...conditionOf(when, values) };
    return this.write(operation, { pk, sk }, true, async () => {
      await this.requests.send(operation, () => new PutCommand(input), 'safe');
      return item;
    });
  }

  update(operation: string, update: Update): Promise<Written> {
    const { key, change, when, values = {}, answer = 'after', current = true, repeat = 'safe' } = update;
    const input = {
      TableName: this.name,
      Key: { ...key },
      UpdateExpression: change,
      ...conditionOf(when, values, change),
      ReturnValues: RETURNS[answer],
    };
    return this.write(operation, key, current, async () => {
      const written = await this.requests.send<UpdateCommandOutput>(operation, () => new UpdateCommand(input), repeat);
      return written.Attributes ?? {};
    });
  }

  /** Answers whether the condition held. */
  async remove(operation: string, key: ItemKey, when?: string, values: Values = {}): Promise<boolean> {
    const condition = when === undefined ? {} : conditionOf(when, values);
    const input = { TableName: this.name, Key: { ...key }, ...condition };
    const written = await this.write(operation, key, false, async () => {
      await this.requests.send(operation, () => new DeleteCommand(input), 'safe');
      return {};
    });
    return written.done;
  }

  /** Puts and removes items, whatever is there. More than one request for more than 25. */
  async writeAll(operation: string, items: readonly Item[], removed: readonly ItemKey[] = []): Promise<void> {
    let left: Record<string, unknown>[] = [
      ...items.map((item) => ({ PutRequest: { Item: { ...item } } })),
      ...removed.map((key) => ({ DeleteRequest: { Key: { ...key } } })),
    ];
    const rounds = left.length / MOST_KEYS_WRITTEN + MOST_ROUNDS;
    for (let round = 0; left.length > 0; round++) {
      if (round > rounds) throw contended(operation);
      const asked = left.slice(0, MOST_KEYS_WRITTEN);
      const input = { RequestItems: { [this.name]: asked } };
      const answer = await this.requests.send<BatchWriteCommandOutput>(
        operation,
        () => new BatchWriteCommand(input),
        'safe',
      );
      const unwritten = (answer.UnprocessedItems?.[this.name] ?? []) as Record<string, unknown>[];
      left = [...unwritten, ...left.slice(asked.length)];
      if (unwritten.length > 0) await pause(round + 1);
    }
  }

  private async write(
    operation: string,
    key: ItemKey,
    wantsCurrent: boolean,
    send: () => Promise<Item>,
  ): Promise<Written> {
    try {
      return { done: true, item: await send() };
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const { isUncertain } = error;
      if (error.item !== undefined) {
        this.tellsCurrent = true;
        return { done: false, current: plainItem(error.item), isUncertain };
      }
      const current = wantsCurrent && !this.tellsCurrent ? await this.get(operation, key) : undefined;
      return { done: false, current, isUncertain };
    }
  }
}

function conditionOf(when: string, values: Values, change = ''): Record<string, unknown> {
  const used = valuesIn(`${change} ${when}`, values);
  return {
    ConditionExpression: when,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...(Object.keys(used).length === 0 ? {} : { ExpressionAttributeValues: used }),
  };
}

/** DynamoDB refuses values that no expression uses. */
function valuesIn(expressions: string, values: Values): Record<string, unknown> {
  const used = new Set(Array.from(expressions.matchAll(/:(\w+)/g), ([, name]) => name));
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => used.has(name))
      .map(([name, value]) => [`:${name}`, value]),
  );
}
