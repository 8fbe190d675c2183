import assert from 'node:assert/strict';
import type { RunningStatement, Statement, StatementState, Warehouse } from '@mooring/redshift-sessions';
import type { Step } from './odd-answers.ts';

const REQUEST = { tenantId: 'acme', target: { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' } };
const STATES = new Set(['running', 'finished', 'failed', 'cancelled', 'timed_out']);
const MOST_PAGES = 5;
/** In the client's calls, so that no error may repeat it. */
export const CANARY = 'canary-8d1f';

function requireState(state: StatementState): void {
  assert.equal(typeof state.id, 'string', 'the id of a statement is no text');
  assert.ok(STATES.has(state.status), 'a statement stands as nothing that is known');
  assert.equal(typeof state.hasResultSet, 'boolean', 'whether there is a result is no yes or no');
  for (const number of [state.resultRows, state.runMs])
    assert.ok(number === undefined || (typeof number === 'number' && number >= 0), 'a figure of a statement is none');
  assert.ok(['string', 'undefined'].includes(typeof state.error), 'the error of a statement is no text');
  for (const part of state.subStatements) {
    assert.equal(typeof part.id, 'string', 'the id of a part is no text');
    assert.ok(STATES.has(part.status), 'a part stands as nothing that is known');
  }
}

/** The rows of a statement, of some pages. */
export async function readRows(statement: Statement): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { columns, rows: some, totalRows, cursor: next } = await statement.page(cursor);
    for (const { name, type } of columns) assert.deepEqual([typeof name, typeof type], ['string', 'string']);
    assert.equal(typeof totalRows, 'number', 'the count of rows is no number');
    for (const row of some) {
      for (const value of row) {
        const isValue = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
        assert.ok(isValue, 'a value of a row is none');
      }
      rows.push([...row]);
    }
    if (next === undefined) break;
    cursor = next;
  }
  return rows;
}

async function finish(running: RunningStatement): Promise<StatementState> {
  const state = await running.wait();
  requireState(state);
  return state;
}

async function read(running: RunningStatement): Promise<void> {
  const state = await finish(running);
  requireState(await running.describe());
  if (state.hasResultSet) await readRows(running);
}

/** @throws what the step fails with, and when what it gives is not what it says that it gives */
export async function takeStep(warehouse: Warehouse, step: Step): Promise<void> {
  const parameters = { a: CANARY };
  switch (step) {
    case 'read':
      return read(await warehouse.execute({ ...REQUEST, sql: `select '${CANARY}', :a`, parameters }));
    case 'change':
      return read(await warehouse.execute({ ...REQUEST, sql: `set query_group to '${CANARY}'` }));
    case 'slow':
      await finish(await warehouse.execute({ ...REQUEST, sql: 'select slow' }));
      return;
    case 'batch':
      return read(await warehouse.executeBatch({ ...REQUEST, sqls: ['select 1', `select '${CANARY}'`] }));
    case 'alone':
      return read(await warehouse.execute({ ...REQUEST, sql: 'select 1', mode: 'none' }));
    case 'find': {
      const found = await warehouse.findStatement('statement-1');
      if (found !== undefined) requireState(await found.wait({ timeoutMs: 1_000 }));
      return;
    }
    case 'cancel': {
      const running = await warehouse.execute({ ...REQUEST, sql: 'select slow' });
      await running.cancel();
      await finish(running);
      return;
    }
    case 'pin': {
      const session = await warehouse.openSession(REQUEST);
      try {
        await read(await warehouse.executeIn(session, { ...REQUEST, sql: 'select 1' }));
      } finally {
        await session.close();
      }
    }
  }
}
