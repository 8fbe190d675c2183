import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { Connection, query } from './file/connection.ts';
import { Database } from './database.ts';
import { createSqliteStore } from './index.ts';
import { PATIENT, storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

const NUMBERS = query<{ number: number }>('select number from numbers order by number');
const ADD = 'insert into numbers values (?)';

let folder: StoreFolder;
let connection: Connection;
let database: Database;
beforeEach(async () => {
  folder = await storeFolder();
  connection = new Connection(folder.file);
  connection.exec('pragma journal_mode = wal; create table numbers (number integer primary key) strict');
  const clock = new ManualClock();
  database = new Database(connection, { namespace: 'n', clock, ...PATIENT, maxWaiting: 1000 });
});
afterEach(async () => {
  await database.close();
  await folder.remove();
});

function add(number: number): Promise<number> {
  return database.write('add', (access) => access.run(ADD, number));
}

const walBytes = (): number => statSync(`${folder.file}-wal`).size;

describe('writes of one turn', () => {
  it('share a commit', async () => {
    const before = walBytes();
    for (let number = 0; number < 20; number += 1) await add(number);
    const oneByOne = walBytes() - before;
    await Promise.all(Array.from({ length: 20 }, (_, index) => add(100 + index)));
    expect(oneByOne).toBeGreaterThan(0);
    expect(walBytes() - before - oneByOne).toBeLessThanOrEqual(oneByOne / 10);
  });

  it('fail one by one: what a failed one did is undone, the others are done once', async () => {
    const first = add(1);
    const failing = database.write('add', (access) => {
      access.run(ADD, 3);
      access.run(ADD, 1);
    });
    const outcomes = await Promise.allSettled([first, failing, add(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await failing.catch((error: unknown) => error)).toMatchObject({ code: 'conflict', outcome: 'not_applied' });
    expect(await database.read('list', (access) => access.all(NUMBERS))).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it('are answered in their order, more than fit into one commit too', async () => {
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        await add(index);
        answered.push(index);
      }),
    );
    expect(answered).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  it('leave the event loop its turns', async () => {
    const writes = Promise.all(Array.from({ length: 600 }, (_, index) => add(index)));
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await writes;
    over = true;
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});

it('an error holds neither a value nor a statement', async () => {
  const error: unknown = await database
    .write('add', (access) => {
      access.run('insert into missing values (?)', 'canary');
    })
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'misconfigured', operation: 'add' });
  const cause = (error as Error).cause as Error;
  expect(`${String(error)} ${JSON.stringify(error)} ${String(cause)} ${JSON.stringify(cause)}`).not.toMatch(
    /canary|missing|insert/,
  );
});

describe('the file', () => {
  it('shrinks again when what filled it was swept', async () => {
    const clock = new ManualClock();
    const store = await createSqliteStore({ file: `${folder.path}/filled.db`, namespace: 'n', clock });
    const size = (): number =>
      statSync(`${folder.path}/filled.db`).size + statSync(`${folder.path}/filled.db-wal`).size;
    const policy = { limit: 3, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };
    const owner = { tenantId: 'acme', subjectId: 'ann' };
    for (let round = 0; round < 20; round += 1) {
      const writes = Array.from({ length: 250 }, (_, index) => [
        store.sessions.create({
          ...owner,
          id: newSessionId(owner),
          data: { filler: 'x'.repeat(800) },
          idleTimeoutMs: 1000,
          lifetimeMs: 1000,
        }),
        store.limits.consume(
          { tenantId: 'acme', name: `${round}-${index}` },
          { limit: 3, windowMs: 1000 },
          { id: 'i' },
        ),
        store.attempts.recordFailure('acme', [{ scope: 'ip', value: `${round}-${index}`, policy }]),
      ]);
      await Promise.all(writes.flat());
    }
    const full = size();
    await clock.advance(1000);
    for (const target of ['sessions', 'limits', 'attempts'] as const) {
      expect(await store.sweep({ target, limit: 100_000 })).toEqual({
        ok: true,
        value: { deleted: 5000, more: false, oldestExpiredAgeMs: 0 },
      });
    }
    await store.close();
    const left = statSync(`${folder.path}/filled.db`).size;
    expect(full).toBeGreaterThan(8_000_000);
    expect(left).toBeLessThan(1_400_000);
  });

  it('is swept in steps, between which other writes are answered', async () => {
    const clock = new ManualClock();
    const store = await createSqliteStore({ file: `${folder.path}/swept.db`, namespace: 'n', clock });
    const key = (name: number) => ({ tenantId: 'acme', name: String(name) });
    const rule = { limit: 1, windowMs: 1000 };
    await Promise.all(Array.from({ length: 2000 }, (_, index) => store.limits.consume(key(index), rule)));
    await clock.advance(1000);
    let swept = false;
    const sweep = store.sweep({ target: 'limits', limit: 10_000 }).then((result) => {
      swept = true;
      return result;
    });
    const decision = await store.limits.consume(key(0), rule);
    expect(swept).toBe(false);
    expect(decision.allowed).toBe(true);
    expect(await sweep).toMatchObject({ ok: true, value: { more: false } });
    expect(await store.limits.peek(key(0), rule)).toMatchObject({ allowed: false });
    await store.close();
  });
});
