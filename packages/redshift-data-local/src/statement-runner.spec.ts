import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { DatabaseConnections } from './database-connections.ts';
import { Faults } from './faults.ts';
import { until } from './local.fixture.ts';
import { DEFAULT_LIMITS } from './options.ts';
import { Sessions } from './sessions.ts';
import { StatementRunner } from './statement-runner.ts';
import { Statement } from './statement.ts';

const owner = { account: '0', role: 'IAM:ann', userId: 'ann', dbGroups: [] };
const now = (): number => Date.now();

const USERS = { passwords: {}, create: true, readAllData: true };

let postgres: TestPostgres;
let url: string;
let connections: LateCancels;
let runner: StatementRunner;

/** A cancel reaches PostgreSQL when the backend has done what it was meant for. */
class LateCancels extends DatabaseConnections {
  delivered = 0;

  override async cancelBackend(pid: number): Promise<void> {
    await this.until("select state <> 'active' as holds from pg_stat_activity where pid = $1", pid);
    await super.cancelBackend(pid);
    this.delivered += 1;
  }

  until(sql: string, value: unknown): Promise<void> {
    const holds = (): Promise<boolean> =>
      this.asAdmin(async (client) => (await client.query<{ holds: boolean }>(sql, [value])).rows[0]?.holds === true);
    return until(holds);
  }
}

/** The first cancel comes before its query. */
class EarlyCancels extends DatabaseConnections {
  asked = 0;

  override async cancelBackend(pid: number): Promise<void> {
    this.asked += 1;
    if (this.asked > 1) await super.cancelBackend(pid);
  }
}

function runnerOn(on: DatabaseConnections): StatementRunner {
  const faults = new Faults();
  return new StatementRunner(on, new Sessions(DEFAULT_LIMITS, faults, now), faults, DEFAULT_LIMITS, now);
}

beforeAll(async () => {
  postgres = await testPostgres();
  url = await postgres.createDatabase();
  connections = new LateCancels(url, USERS);
  runner = runnerOn(connections);
  await connections.asAdmin((client) =>
    client.query(`
      create table written (id int);
      grant all on written to public;
      create function slow() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(1); return null; end';
      create table slowly (id int);
      grant all on slowly to public;
      create constraint trigger slow after insert on slowly deferrable initially deferred
        for each row execute function slow();`),
  );
});

afterAll(async () => {
  await runner.settled();
  await postgres.stop();
});

function batch(...sqls: string[]): Statement {
  return start(runner, ...sqls);
}

function start(on: StatementRunner, ...sqls: string[]): Statement {
  const place = { cluster: 'main', database: connections.database, role: owner.role };
  const statement = new Statement(
    { owner, sqls, batch: true, mode: 'TRANSACTION', format: 'JSON', parameters: [], place },
    now(),
    1,
  );
  on.start(statement);
  return statement;
}

const countOf = (table: string): Promise<number | null> =>
  connections.asAdmin(async (client) => (await client.query(`select from ${table}`)).rowCount);

/** Starts a batch that waits for a lock, and cancels it there; the cancel is under way when the lock is given up. */
async function cancelledAt(sql: string, ...sqls: string[]): Promise<Statement> {
  return connections.asAdmin(async (client) => {
    await client.query('select pg_advisory_lock(1)');
    const statement = batch(...sqls);
    await until(() => statement.pid !== 0);
    const waits = `select query = '${sql}' and wait_event = 'advisory' as holds from pg_stat_activity where pid = $1`;
    await connections.until(waits, statement.pid);
    void runner.cancel(statement);
    return statement;
  });
}

describe('a cancel that comes before its query', () => {
  it('is repeated until the query has ended', async () => {
    const early = new EarlyCancels(url, USERS);
    const own = runnerOn(early);
    const statement = start(own, 'select pg_sleep(600)');
    await until(() => statement.parts[0]?.status === 'STARTED');
    await own.cancel(statement);
    await statement.done;
    expect([statement.status, early.asked > 1]).toEqual(['ABORTED', true]);
    await own.settled();
  });
});

describe('a cancel that comes too late', () => {
  it('for the last member of a transaction takes that back, and says so', async () => {
    const last = 'select pg_advisory_xact_lock(1)';
    const statement = await cancelledAt(last, 'insert into written values (1)', last);
    await statement.done;
    expect([statement.status, await countOf('written')]).toEqual(['ABORTED', 0]);
  });

  it('for the commit is gone before the session runs anything else', async () => {
    const before = connections.delivered;
    const statement = await cancelledAt('COMMIT', 'insert into slowly values (1)');
    await statement.done;
    expect([statement.status, connections.delivered - before, await countOf('slowly')]).toEqual(['FINISHED', 1, 1]);
  });
});
