import { expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';
import type { StatementObserver } from './statement-observer.ts';

const ROWS = 'SELECT * FROM big';

async function observed(): Promise<{ world: World; seen: unknown[]; inside: () => string | undefined }> {
  const seen: unknown[] = [];
  let current: string | undefined;
  const observer: StatementObserver = {
    begin: ({ kind, tenantId }) => ({
      within: (work) => {
        current = kind;
        return work();
      },
      end: (failure) => void seen.push([kind, tenantId, failure ?? 'done']),
    }),
  };
  const world = await World.withSales({ observer });
  await world.done(world.as('dba', 'dba'), 'CREATE TABLE big (a INTEGER); INSERT INTO big VALUES (1), (2)');
  seen.length = 0;
  return { world, seen, inside: () => current };
}

it('an observer sees each statement, at work and at its end, and how it ended', async () => {
  const { world, seen, inside } = await observed();
  const dba = world.as('dba', 'dba');
  const during: unknown[] = [];
  world.duck.before = () => void during.push(inside());
  await world.run(dba, `${ROWS}; SHOW TABLES; SELECT * FROM missing; SELECT 1`);
  await world.run(world.as('ann', 'user'), 'DROP NAMESPACE sales');
  expect(seen).toEqual([
    ['select', 'acme', 'done'],
    ['show_tables', 'acme', 'done'],
    ['select', 'acme', 'not_found'],
    ['drop_namespace', 'acme', 'forbidden'],
  ]);
  expect(during).toEqual(['select']);
});

it('an observer and the audit log hear of a statement that failed by a bug', async () => {
  const { world, seen } = await observed();
  const dba = world.as('dba', 'dba');
  world.duck.before = () => {
    throw new TypeError('a bug');
  };
  await expect(world.run(dba, 'INSERT INTO big VALUES (3)')).rejects.toThrow('a bug');
  expect(seen).toEqual([['insert', 'acme', 'internal_error']]);
  expect(world.events.at(-1)).toMatchObject({ action: 'insert', outcome: 'failed', code: null });
});

it('a stream ends when it is read or given up, and with what cancelled it', async () => {
  const { world, seen } = await observed();
  const dba = world.as('dba', 'dba');
  const read = await world.executor.stream(ROWS, [], dba);
  expect(seen).toEqual([]);
  for await (const { rowCount } of read.batches()) expect(rowCount).toBe(1);
  const left = await world.executor.stream(ROWS, [], dba);
  await left.close();
  const cancelled = await world.executor.stream(ROWS, [], dba);
  await world.done(dba, `KILL QUERY '${cancelled.metadata.queryId}'`);
  await expect(cancelled.batches()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cancelled' });
  expect(seen.filter((end) => JSON.stringify(end).includes('select'))).toEqual([
    ['select', 'acme', 'done'],
    ['select', 'acme', 'done'],
    ['select', 'acme', 'cancelled'],
  ]);
});
