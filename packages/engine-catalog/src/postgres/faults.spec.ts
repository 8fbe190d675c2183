import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineError } from '@mooring/engine';
import { createPostgresCatalog } from '../index.ts';
import type { DurableCatalog } from '../index.ts';
import { eventOf, failureOf, keyOf, recordOf, times, toldBy } from '../samples.fixture.ts';
import { Scratch, eventually } from './scratch.fixture.ts';

let scratch: Scratch;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  scratch = await Scratch.start();
});

afterAll(async () => {
  await scratch?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Of a catalog with one record, and how its row is held, so that a change of it waits. */
async function holding(options: Parameters<Scratch['catalog']>[0]) {
  const namespace = scratch.namespace();
  const patient = await scratch.catalog({ namespace });
  await patient.create(keyOf('orders'), recordOf('orders'));
  const catalog = await scratch.catalog({ namespace, migrate: false, ...options });
  const hold = () => scratch.holding('select from mooring_catalog where namespace = $1 for update', [namespace]);
  const change = () => catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 }));
  const stored = () => patient.get(keyOf('orders'));
  return { catalog, hold, change, stored };
}

const worksAgain = (catalog: DurableCatalog) =>
  eventually(
    () => catalog.get(keyOf('orders')).catch(() => undefined),
    (record) => record !== undefined,
  );

describe('a line', () => {
  it('that hangs: timeout, and the connection is given up; used again when it heals', async () => {
    const proxy = await scratch.proxy();
    const pool = scratch.pool(2, proxy.url(scratch.url));
    const { catalog } = await holding({ pool, statementTimeoutMs: 100, connectionTimeoutMs: 1000 });
    await pool.query('select 1');
    proxy.hang();
    expect(await failureOf(catalog.get(keyOf('orders')))).toMatchObject({ code: 'timeout', retryable: true });
    expect(pool.totalCount).toBe(0);
    expect(await failureOf(catalog.ping())).toMatchObject({ code: 'unavailable', retryable: true });
    proxy.heal();
    expect(await worksAgain(catalog)).toEqual(recordOf('orders'));
  });

  it('that is cut: unavailable; used again when it heals', async () => {
    const proxy = await scratch.proxy();
    const { catalog } = await holding({ url: proxy.url(scratch.url) });
    proxy.cut();
    const calls = [
      catalog.get(keyOf('orders')),
      catalog.create(keyOf('b'), recordOf('b')),
      catalog.audit.recent('acme', 1),
    ];
    for (const call of calls) expect(await failureOf(call)).toMatchObject({ code: 'unavailable', retryable: true });
    proxy.heal();
    expect(await worksAgain(catalog)).toEqual(recordOf('orders'));
  });

  it('that is cut in the middle of a change: unavailable, and the change is made or not', async () => {
    const proxy = await scratch.proxy();
    const options = { url: proxy.url(scratch.url), applicationName: 'cut' };
    const { catalog, hold, change } = await holding(options);
    const held = await hold();
    const failing = failureOf(change());
    await scratch.untilWaiting('cut');
    proxy.cut();
    expect(await failing).toMatchObject({ code: 'unavailable', retryable: true });
    await held.rollback();
    proxy.heal();
    expect((await worksAgain(catalog))?.version).toBeLessThanOrEqual(2);
  });
});

describe('a server', () => {
  it('that ends a connection in the middle of a change: unavailable, then business as usual', async () => {
    const { catalog, hold, change } = await holding({ applicationName: 'ended' });
    const held = await hold();
    const failing = failureOf(change());
    await scratch.untilWaiting('ended');
    await scratch.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'ended' and datname = current_database()`,
    );
    expect(await failing).toMatchObject({ code: 'unavailable', retryable: true });
    await held.rollback();
    expect(await catalog.get(keyOf('orders'))).toEqual(recordOf('orders'));
  });

  it('that takes too long: timeout, and nothing changed', async () => {
    const { hold, change, stored } = await holding({ statementTimeoutMs: 150 });
    const held = await hold();
    expect(await failureOf(change())).toMatchObject({ code: 'timeout', retryable: true });
    await held.rollback();
    expect(await stored()).toEqual(recordOf('orders'));
  });

  it('with a small pool that is busy: too_busy, in time, and no client is lost', async () => {
    const options = { applicationName: 'busy', poolSize: 2, connectionTimeoutMs: 3000 };
    const { catalog, hold, change } = await holding(options);
    const held = await hold();
    const slow = times(2, () => change());
    await scratch.untilWaiting('busy', 2);
    const waiting = await Promise.all(times(50, () => failureOf(catalog.get(keyOf('orders')))));
    expect(new Set(waiting.map(({ code, retryable }) => `${code} ${retryable}`))).toEqual(new Set(['too_busy true']));
    await held.rollback();
    expect((await Promise.all(slow)).filter(({ ok }) => ok)).toHaveLength(1);
    const after = await Promise.all(times(2, () => catalog.get(keyOf('orders'))));
    expect(after.every((record) => record !== undefined)).toBe(true);
  });

  it('that forgets prepared statements, as behind some poolers: prepared anew', async () => {
    const pool = scratch.pool(1);
    const catalog = await scratch.catalog({ pool });
    await catalog.ping();
    await pool.query('deallocate all');
    await catalog.ping();
  });

  it('too many connections of the role: too_busy', async () => {
    const role = `crowded_${randomUUID().slice(0, 8)}`;
    await scratch.sql(`create role ${role} login connection limit 1`);
    await scratch.sql(`grant select on mooring_catalog to ${role}`);
    const url = new URL(scratch.url);
    url.username = role;
    const catalog = await scratch.catalog({ url: url.href, migrate: false, poolSize: 3 });
    const pings = await Promise.allSettled(times(3, () => catalog.ping()));
    const codes = pings.map((ping) => (ping.status === 'rejected' ? (ping.reason as EngineError).code : 'ok'));
    expect(new Set(codes)).toEqual(new Set(['ok', 'too_busy']));
    expect(await failureOf(catalog.remove(keyOf('orders')))).toMatchObject({ code: 'misconfigured' });
    await catalog.close();
    await scratch.sql(`drop owned by ${role}`);
    await scratch.sql(`drop role ${role}`);
  });
});

describe('what is misconfigured', () => {
  const opening = (change: (url: URL) => void): Promise<EngineError> => {
    const url = new URL(scratch.url);
    url.password = 'canary';
    change(url);
    return failureOf(createPostgresCatalog({ url: url.href }));
  };

  it('a server, a database, a user: typed, without the password', async () => {
    const failures = [
      await opening((url) => (url.port = '1')),
      await opening((url) => (url.pathname = '/nowhere')),
      await opening((url) => (url.username = 'nobody')),
      await failureOf(createPostgresCatalog({ url: 'postgres://canary:canary@:x:' })),
    ];
    expect(failures.map(({ code, retryable }) => `${code} ${retryable}`)).toEqual([
      'unavailable true',
      'misconfigured false',
      'misconfigured false',
      'misconfigured false',
    ]);
    expect(failures.map(toldBy).join('\n')).not.toContain('canary');
  });

  it('tables that are not there', async () => {
    const catalog = await scratch.catalog({ url: await scratch.createDatabase(), migrate: false });
    expect(await failureOf(catalog.get(keyOf('orders')))).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('migrations'),
    });
  });

  it.each([
    [{}],
    [{ url: 'postgres://h', pool: {} as never }],
    [{ url: 'postgres://h', namespace: '' }],
    [{ url: 'postgres://h', namespace: 'a\tb' }],
    [{ url: 'postgres://h', poolSize: 0 }],
    [{ url: 'postgres://h', statementTimeoutMs: 99 }],
    [{ url: 'postgres://h', connectionTimeoutMs: 0.5 }],
  ])('options %#', async (options) => {
    expect(await failureOf(createPostgresCatalog(options))).toMatchObject({ code: 'misconfigured', retryable: false });
  });
});

describe('errors', () => {
  it('have neither statements, keys nor records', async () => {
    const namespace = scratch.namespace();
    const catalog = await scratch.catalog({ namespace });
    await scratch.sql(`alter table mooring_catalog add constraint spec_trap check (key not like '%canary%')`);
    const error = await failureOf(catalog.create(keyOf('canary'), recordOf('canary')));
    await scratch.sql('alter table mooring_catalog drop constraint spec_trap');
    expect(error).toMatchObject({ code: 'invalid_argument', retryable: false });
    expect(toldBy(error)).not.toMatch(/canary|insert into|spec_trap/);
  });

  it('of keys that no database keeps as they are come before the statement', async () => {
    const catalog = await scratch.catalog();
    const keys = ['a\0', 'a\ud800', 'x'.repeat(2049), 7 as unknown as string];
    for (const key of keys) {
      const call = catalog.get({ tenantId: 'acme', kind: 'table', key });
      expect(await failureOf(call)).toMatchObject({ code: 'invalid_argument', retryable: false });
    }
    const longest = { tenantId: 'acme', kind: 'table', key: 'ä'.repeat(1022) } as const;
    expect(await catalog.create(longest, recordOf('long'))).toMatchObject({ ok: true });
  });
});

describe('rows that are damaged', () => {
  it.each([
    ['another version', `version = 7`],
    ['another key', `record = jsonb_set(record::jsonb, '{kind}', '"view"')::json`],
    ['a right that is none', `record = jsonb_set(record::jsonb, '{access}', '"everybody"')::json`],
    [
      'a grant that is none',
      `record = jsonb_set(record::jsonb, '{grants}', '[{"grantee": {}, "privileges": []}]')::json`,
    ],
    ['a part that is missing', `record = (record::jsonb - 'ownerId')::json`],
    ['no object', `record = 'null'`],
  ])('%s: an error, no record', async (_, damage) => {
    const namespace = scratch.namespace();
    const catalog = await scratch.catalog({ namespace });
    await catalog.create(keyOf('canary'), recordOf('canary'));
    await scratch.sql('alter table mooring_catalog drop constraint if exists mooring_catalog_record_of_key');
    await scratch.sql(`update mooring_catalog set ${damage} where namespace = $1`, [namespace]);
    for (const call of [catalog.get(keyOf('canary')), catalog.list('acme', 'table')]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ code: 'unavailable', retryable: false });
      expect(error.message).toMatch(/row \d+ of mooring_catalog can't be read/);
      expect(toldBy(error)).not.toContain('canary');
    }
    expect(await catalog.remove(keyOf('canary'))).toMatchObject({ ok: true });
  });

  it('of the audit log: an error, no event', async () => {
    const namespace = scratch.namespace();
    const { audit } = await scratch.catalog({ namespace });
    for (const event of ['{}', '[]', JSON.stringify(eventOf(2)), JSON.stringify(eventOf(1, { tenantId: 'other' }))]) {
      await scratch.sql(`insert into mooring_audit_log (namespace, tenant_id, at, event) values ($1, 'acme', 1, $2)`, [
        namespace,
        event,
      ]);
      expect(await failureOf(audit.recent('acme', 1))).toMatchObject({ code: 'unavailable', retryable: false });
    }
  });
});

describe('close', () => {
  it('may be called again, and refuses what comes later', async () => {
    const catalog = await scratch.catalog();
    await Promise.all([catalog.close(), catalog.close()]);
    for (const call of [catalog.get(keyOf('a')), catalog.audit.record(eventOf(1)), catalog.ping()]) {
      expect(await failureOf(call)).toMatchObject({ code: 'unavailable', retryable: false });
    }
  });

  it('leaves a pool open that was passed in', async () => {
    const pool = scratch.pool(1);
    const catalog = await scratch.catalog({ pool });
    await catalog.close();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});
