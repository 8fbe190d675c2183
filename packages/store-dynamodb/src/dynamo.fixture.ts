import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { newSessionId } from '@mooring/session-store';
import type { NewSession, SessionRef, StoreError } from '@mooring/session-store';
import { Keys, escaped } from './keys.ts';
import type { ItemKey } from './keys.ts';

/** The emulator is one process on a machine that is busy with tests. */
export const PATIENT = { requestTimeoutMs: 60_000 };

const LOCAL = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export function digest(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

export function newSession(change: Partial<NewSession> = {}): NewSession {
  const { tenantId = 'acme', subjectId = 'ann' } = change;
  const id = newSessionId({ tenantId, subjectId });
  return { id, data: { a: 1 }, idleTimeoutMs: 60_000, lifetimeMs: 3_600_000, ...change, tenantId, subjectId };
}

export function times<T>(count: number, call: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => call(index));
}

export async function failure(call: Promise<unknown>): Promise<StoreError> {
  return call.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as StoreError,
  );
}

/** Asks again until the answer fits. */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, limitMs = 60_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await setTimeout(20);
  }
  throw new Error(`not within ${limitMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}

export type RawItem = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

/** The table, past the store. */
export class RawTable {
  private readonly client: DynamoDBDocumentClient;

  constructor(
    endpoint: string,
    private readonly table: string,
  ) {
    this.client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...LOCAL, endpoint }));
  }

  async items(namespace: string): Promise<readonly RawItem[]> {
    const items: RawItem[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new ScanCommand({
          TableName: this.table,
          ConsistentRead: true,
          FilterExpression: 'begins_with(pk, :pk)',
          ExpressionAttributeValues: { ':pk': `${escaped(namespace)}/` },
          ...(after === undefined ? {} : { ExclusiveStartKey: after }),
        }),
      );
      items.push(...((page.Items ?? []) as RawItem[]));
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
    return items;
  }

  changeSession(namespace: string, ref: SessionRef, change: string, values?: Record<string, unknown>): Promise<void> {
    return this.change(new Keys(namespace).session(ref), change, values);
  }

  async change({ pk, sk }: ItemKey, change: string, values?: Record<string, unknown>): Promise<void> {
    await this.client.send(
      new UpdateCommand({
        TableName: this.table,
        Key: { pk, sk },
        UpdateExpression: change,
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      }),
    );
  }
}

/** A client whose requests are seen, on their way to the wire. */
export class WatchedClient {
  readonly client: DynamoDBClient;
  /** The operations that were sent, in order. */
  readonly sent: string[] = [];

  /**
   * With `tellsCurrent`, a failed condition is answered with the item, as DynamoDB does and dynalite does not: it is read
   * past the count.
   */
  constructor(endpoint: string, tellsCurrent = false) {
    this.client = new DynamoDBClient({ ...LOCAL, endpoint });
    this.client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { readonly headers: Readonly<Record<string, string>> };
        this.sent.push(String(headers['x-amz-target']).split('.')[1] ?? '');
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'watch' },
    );
    if (!tellsCurrent) return;
    const past = new DynamoDBClient({ ...LOCAL, endpoint });
    this.client.middlewareStack.add(
      (next) => async (args) => {
        const { TableName, Key, Item } = args.input as Readonly<Record<string, unknown>>;
        const asks = 'ReturnValuesOnConditionCheckFailure' in args.input;
        try {
          return await next(args);
        } catch (error) {
          if (!asks || !(error instanceof ConditionalCheckFailedException)) throw error;
          const { pk, sk } = (Key ?? Item) as Record<string, AttributeValue>;
          const key = { pk, sk } as Record<string, AttributeValue>;
          const found = await past.send(
            new GetItemCommand({ TableName: String(TableName), Key: key, ConsistentRead: true }),
          );
          if (found.Item !== undefined) error.Item = found.Item;
          throw error;
        }
      },
      { step: 'serialize', priority: 'low', name: 'tellCurrent' },
    );
  }

  /** What is sent while `call` runs. */
  async during(call: () => Promise<unknown>): Promise<readonly string[]> {
    this.sent.splice(0);
    await call();
    return this.sent.splice(0);
  }

  close(): void {
    this.client.destroy();
  }
}

/** A clock that stands until it is moved. */
export class HandClock {
  constructor(public time = 1_800_000_000_000) {}
  now(): number {
    return this.time;
  }
}
