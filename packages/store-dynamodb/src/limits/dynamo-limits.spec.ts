import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { HandClock, PATIENT, RawTable, times } from '../dynamo.fixture.ts';
import { createDynamoStore, createTable } from '../index.ts';

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
});

afterAll(() => dynamo?.stop());

const open = (namespace: string, clock: HandClock): Promise<StoreBackend> =>
  createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace, clock });

async function takenIn(namespace: string): Promise<readonly number[]> {
  const [item] = await raw.items(namespace);
  return (item?.['taken'] ?? []) as readonly number[];
}

const KEY = { tenantId: 't', name: 'n' };

describe('the list of times', () => {
  it('is cut, however many units are taken, by whomever', async () => {
    const clock = new HandClock();
    const clients = await Promise.all([open('cut', clock), open('cut', clock)]);
    const rule = { limit: 10, windowMs: 1000 };
    let allowed = 0;
    for (const round of times(12, (index) => index)) {
      const decisions = await Promise.all(
        times(16, (index) => (clients[index % 2] as StoreBackend).limits.consume(KEY, rule)),
      );
      allowed += decisions.filter((decision) => decision.allowed).length;
      expect([round, allowed]).toEqual([round, 10 * (round + 1)]);
      clock.time += 1000;
    }
    expect((await takenIn('cut')).length).toBeLessThanOrEqual(10 + 32 + 16);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('grows in the order of time also when the clock of one process is behind', async () => {
    const [right, behind] = [new HandClock(), new HandClock()];
    behind.time -= 700;
    const [one, other] = await Promise.all([open('behind', right), open('behind', behind)]);
    const rule = { limit: 2, windowMs: 1000 };
    expect((await one.limits.consume(KEY, rule)).allowed).toBe(true);
    expect(await other.limits.consume(KEY, rule)).toMatchObject({ allowed: true, remaining: 0 });
    // By the clock that is behind, its unit would be out of the window now.
    right.time += 999;
    behind.time += 999;
    expect((await one.limits.consume(KEY, rule)).allowed).toBe(false);
    const refused = await other.limits.consume(KEY, rule);
    expect(refused).toMatchObject({ allowed: false, retryAfterMs: 701 });
    right.time += 1;
    expect((await one.limits.consume(KEY, rule)).allowed).toBe(true);
    behind.time += refused.retryAfterMs;
    expect((await other.limits.consume(KEY, rule)).allowed).toBe(true);
    const taken = await takenIn('behind');
    expect(taken).toEqual([...taken].sort((first, second) => second - first));
    await Promise.all([one.close(), other.close()]);
  });

  it('with ids and without, from two clients at once, counts each unit once', async () => {
    const clock = new HandClock();
    const clients = await Promise.all([open('mixed', clock), open('mixed', clock)]);
    const rule = { limit: 40, windowMs: 1000 };
    const decisions = await Promise.all(
      times(60, (index) =>
        (clients[index % 2] as StoreBackend).limits.consume(
          KEY,
          rule,
          index % 3 === 0 ? { id: `id-${Math.floor(index / 6)}`, cost: 2 } : {},
        ),
      ),
    );
    // Ten ids, each sent twice, of two units; forty units without an id.
    const plain = decisions.filter((decision, index) => index % 3 !== 0 && decision.allowed).length;
    const ids = new Set(
      times(60, (index) => index)
        .filter((index) => index % 3 === 0 && decisions[index]?.allowed === true)
        .map((index) => Math.floor(index / 6)),
    ).size;
    expect(plain + 2 * ids).toBe(40);
    expect((await clients[0].limits.peek(KEY, rule)).remaining).toBe(0);
    await Promise.all(clients.map((client) => client.close()));
  });
});
