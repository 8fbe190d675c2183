import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineError } from '@mooring/engine';
import { Connection, query } from '@mooring/store-sqlite/file';
import { eventOf, failureOf, keyOf, recordOf, times, toldBy } from '../samples.fixture.ts';
import { CatalogFolder } from './catalog-folder.fixture.ts';
import { translate } from './errors.ts';

let folder: CatalogFolder;

beforeAll(async () => {
  folder = await CatalogFolder.make();
});

afterAll(() => folder?.remove());

/** Changes a file behind the catalog's back. */
function raw(file: string, work: (connection: Connection) => void): void {
  const connection = new Connection(file);
  try {
    work(connection);
  } finally {
    connection.close();
  }
}

describe('the file', () => {
  it('and what SQLite puts beside it are for their owner only', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    await catalog.create(keyOf('orders'), recordOf('orders'));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
  });

  it('is alone again when it is closed, and whole, and stays with others who have it', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    await catalog.create(keyOf('orders'), recordOf('orders'));
    await catalog.get(keyOf('orders'));
    await catalog.close();
    for (const suffix of ['-wal', '-shm']) expect([suffix, existsSync(file + suffix)]).toEqual([suffix, false]);
    const [one, other] = [await folder.open({ file }), await folder.open({ file })];
    expect(await one.get(keyOf('orders'))).toMatchObject({ name: 'orders' });
    await other.create(keyOf('items'), recordOf('items'));
    await one.close();
    expect(existsSync(`${file}-wal`)).toBe(true);
    expect(await other.get(keyOf('items'))).toMatchObject({ name: 'items' });
  });

  it('is refused while others may read it', async () => {
    const file = folder.newFile();
    await (await folder.open({ file })).close();
    chmodSync(file, 0o644);
    const error = await failureOf(folder.open({ file }));
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('0600') });
  });

  it('of another program, such as the session store, is refused and left as it is', async () => {
    const file = folder.newFile();
    raw(file, (other) => other.exec('create table sessions (text)'));
    chmodSync(file, 0o600);
    expect(await failureOf(folder.open({ file }))).toMatchObject({ code: 'misconfigured', retryable: false });
    raw(file, (after) =>
      expect(after.one(query('select group_concat(name) as names from sqlite_schema'))).toMatchObject({
        names: 'sessions',
      }),
    );
  });

  it('of a newer version is refused, and who makes or mends its tables is told', async () => {
    const file = folder.newFile();
    const told: unknown[] = [];
    const onMigrated = (version: unknown): void => void told.push(version);
    for (let opened = 0; opened < 2; opened += 1) await (await folder.open({ file, onMigrated })).close();
    expect(told).toEqual([{ found: 0, wanted: 1 }]);
    raw(file, (newer) => newer.exec('pragma user_version = 99'));
    const error = await failureOf(folder.open({ file }));
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('newer') });
  });

  it('keeps what it has when it is opened again', async () => {
    const file = folder.newFile();
    const first = await folder.open({ file });
    await first.create(keyOf('orders'), recordOf('orders'));
    await first.audit.record(eventOf(1));
    await first.close();
    const second = await folder.open({ file });
    expect(await second.get(keyOf('orders'))).toEqual(recordOf('orders'));
    expect(await second.audit.recent('acme', 10)).toEqual([eventOf(1)]);
  });

  it('that is no database is said to be none', async () => {
    const file = folder.newFile();
    writeFileSync(file, 'no database at all. '.repeat(500), { mode: 0o600 });
    expect(await failureOf(folder.open({ file }))).toMatchObject({ code: 'unavailable', retryable: false });
  });

  it('with damaged pages is an error, never an answer', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    const names = times(100, (index) => `t${index}`);
    for (const name of names) await catalog.create(keyOf(name), recordOf(name, { ownerId: 'x'.repeat(900) }));
    await catalog.close();
    const descriptor = openSync(file, 'r+');
    for (let place = 10 * 4096; place < statSync(file).size; place += 4096)
      writeSync(descriptor, Buffer.alloc(2048, 0xee), 0, 2048, place);
    closeSync(descriptor);
    const damaged = await folder.open({ file });
    expect(await failureOf(damaged.list('acme', 'table'))).toMatchObject({ code: 'unavailable', retryable: false });
    const found = await Promise.allSettled(names.map((name) => damaged.get(keyOf(name))));
    const failures = found.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((failure) => failure instanceof EngineError && !failure.retryable)).toBe(true);
  });

  it('that was deleted while it was open is noticed by the next ping', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    await catalog.ping();
    rmSync(file);
    expect(await failureOf(catalog.ping())).toMatchObject({ code: 'unavailable', retryable: false });
  });

  it('may be behind a link, but not behind one to nothing', async () => {
    const file = folder.newFile();
    const link = `${file}.link`;
    symlinkSync(file, link);
    expect(await failureOf(folder.open({ file: link }))).toMatchObject({ code: 'misconfigured' });
    await (await folder.open({ file })).create(keyOf('orders'), recordOf('orders'));
    expect(await (await folder.open({ file: link })).get(keyOf('orders'))).toEqual(recordOf('orders'));
  });

  it('needs a folder that exists and a place that is no folder', async () => {
    const missing = join(folder.path, 'missing', 'catalog.db');
    expect(await failureOf(folder.open({ file: missing }))).toMatchObject({ code: 'misconfigured' });
    const taken = folder.newFile();
    mkdirSync(taken, { mode: 0o700 });
    expect(await failureOf(folder.open({ file: taken }))).toMatchObject({ code: 'misconfigured' });
  });
});

it.each([
  { file: ':memory:' },
  { file: '' },
  { file: 'file:x?mode=memory' },
  { file: 'a\0b' },
  { busyTimeoutMs: 1 },
  { busyTimeoutMs: 600_001 },
])('option %j is refused', async (options) => {
  expect(await failureOf(folder.open(options))).toMatchObject({ code: 'misconfigured', retryable: false });
});

describe('rows', () => {
  it('that are no record of their key are refused, and so are changes of the audit log', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    const error = await failureOf(catalog.create(keyOf('canary'), recordOf('canary', { tenantId: 'other' })));
    expect(error).toMatchObject({ code: 'invalid_argument', retryable: false });
    expect(toldBy(error)).not.toMatch(/canary|insert into|check constraint/i);
    await catalog.audit.record(eventOf(1));
    raw(file, (other) => expect(() => other.run('update audit_log set at = 0')).toThrow('never changed'));
  });

  it.each([
    ['no JSON', `record = '{"cut'`],
    ['another version', 'version = 7'],
    ['a right that is none', `record = json_set(record, '$.access', 'everybody')`],
    ['a part that is missing', `record = json_remove(record, '$.ownerId')`],
  ])('that are damaged (%s) are an error, no record', async (_, damage) => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    await catalog.create(keyOf('canary'), recordOf('canary'));
    raw(file, (other) => other.exec(`pragma ignore_check_constraints = on; update catalog set ${damage}`));
    for (const call of [catalog.get(keyOf('canary')), catalog.list('acme', 'table')]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ code: 'unavailable', retryable: false });
      expect(error.message).toContain("row 1 of catalog can't be read");
      expect(toldBy(error)).not.toContain('canary');
    }
    expect(await catalog.remove(keyOf('canary'))).toMatchObject({ ok: true });
  });

  it('of the audit log that are damaged are an error, no event', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file });
    raw(file, (other) => other.exec(`insert into audit_log (tenant_id, at, event) values ('acme', 1, '{}')`));
    expect(await failureOf(catalog.audit.recent('acme', 1))).toMatchObject({ code: 'unavailable', retryable: false });
  });
});

describe('a result of SQLite', () => {
  it.each([
    [5, 'timeout', true],
    [517, 'timeout', true],
    [8, 'misconfigured', false],
    [778, 'unavailable', true],
    [11, 'unavailable', false],
    [13, 'unavailable', true],
    [14, 'misconfigured', false],
    [18, 'invalid_argument', false],
    [275, 'invalid_argument', false],
    [99, 'unavailable', false],
  ] as const)('%i is %s', (errcode, code, retryable) => {
    expect(translate({ errcode })).toMatchObject({ code, retryable });
  });

  it('is told without its text', () => {
    expect(toldBy(translate(new TypeError('canary')))).not.toContain('canary');
  });
});

describe('close', () => {
  it('may be called again, and refuses what comes later', async () => {
    const catalog = await folder.open();
    const created = catalog.create(keyOf('orders'), recordOf('orders'));
    await Promise.all([catalog.close(), catalog.close()]);
    expect(await created).toMatchObject({ ok: true });
    for (const call of [catalog.get(keyOf('a')), catalog.audit.record(eventOf(1)), catalog.ping()]) {
      expect(await failureOf(call)).toMatchObject({ code: 'unavailable', retryable: false });
    }
  });
});

it('pruning many rows lets the event loop run between its steps', async () => {
  const file = folder.newFile();
  const catalog = await folder.open({ file });
  raw(file, (other) => {
    const event = JSON.stringify(eventOf(1));
    other.run(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < 2100)
       insert into audit_log (tenant_id, at, event) select 'acme', 1, ? from n`,
      event,
    );
  });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    ticking = setImmediate(count);
  };
  let ticking = setImmediate(count);
  expect(await catalog.audit.prune({ olderThan: 2, limit: 2000 })).toEqual({ deleted: 2000, more: true });
  clearImmediate(ticking);
  expect(turns).toBeGreaterThanOrEqual(3);
  expect(await catalog.audit.recent('acme', 1000)).toHaveLength(100);
});
