import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Scratch, eventually, newSession } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

describe('what an operator asks the database', () => {
  it('counts live and expired sessions in session_tokens', async () => {
    const past = await scratch.store({ clock: { now: () => Date.now() - 600_000 } });
    const store = await scratch.store();
    const live = [newSession(), newSession({ subjectId: 'other' }), newSession({ subjectId: null })];
    for (const session of live) await store.sessions.create(session);
    await past.sessions.create(newSession());
    await past.sessions.create(newSession({ subjectId: null }));
    const counts = async () => {
      const [count] = await scratch.sql(
        `select (select count(*)::int from session_tokens where expires_at > now()) as live,
           (select count(*)::int from session_tokens where expires_at <= now()) as expired`,
      );
      return count;
    };
    expect(await counts()).toEqual({ live: 3, expired: 2 });
    await store.sessions.revoke(live[2] as (typeof live)[number], 'logout');
    await store.sessions.revokeWhere({ tenantId: 'tenant', subjectId: 'other' }, 'logout');
    expect(await counts()).toEqual({ live: 1, expired: 2 });
    await store.sweep({ target: 'sessions', limit: 100 });
    expect(await counts()).toEqual({ live: 1, expired: 0 });
  });

  it('finds the sessions of a process by the application name', async () => {
    const store = await scratch.store({ applicationName: 'auth-api' });
    await store.ping();
    const rows = await scratch.sql(
      `select from pg_stat_activity where application_name = 'auth-api' and datname = current_database()`,
    );
    expect(rows).toHaveLength(1);
  });

  it('plans every look-up by its whole key, before there are any statistics', async () => {
    const store = await scratch.store();
    await store.ping();
    const client = await scratch.connection();
    await client.query('set plan_cache_mode = force_generic_plan');
    const { GET, LIST_OF_SUBJECT, VERIFY } = await import('./sessions/statements.ts');
    for (const [statement, values] of [
      [GET, `'n', null, 't', 'i'`],
      [VERIFY, `'n', null, 't', 'i', null, 0, 30000`],
    ] as const) {
      await client.query(`prepare ${statement.name} as ${statement.text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute ${statement.name}(${values})`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toMatch(/Seq Scan|mooring_sessions_s/);
      expect(plan).toMatch(/Index Cond: \(\(namespace = .*\) AND \(tenant_id = .*\) AND \(id = .*\)\)/);
    }
    await client.query(`prepare list as ${LIST_OF_SUBJECT.text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain execute list('n', null, 't', 's', 9007199254740991, '', 10)`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/using mooring_sessions_subject/);
  });

  it('does not go on reading a table whole that was tiny once', async () => {
    const own = await scratch.beside();
    const url = `${own.url}?options=-c%20work_mem%3D8MB`;
    const store = await own.store({ url, poolSize: 1 });
    const end = (subjectId: string) => store.sessions.revokeWhere({ tenantId: 'tenant', subjectId }, 'logout');
    for (let index = 0; index < 20; index += 1) await end(`early-${index}`);
    await own.sql('vacuum analyze mooring_subjects');
    const read = async () => {
      // A connection tells what it did at the end of a later transaction.
      await store.ping();
      const [row] = await own.sql<{ scans: number; made: number }>(
        `select (select seq_scan::int from pg_stat_user_tables where relname = 'mooring_subjects') as scans,
           (select n_tup_ins::int from pg_stat_user_tables where relname = 'mooring_sessions') as made`,
      );
      return row ?? { scans: -1, made: -1 };
    };
    const { scans } = await read();
    for (let index = 0; index < 20; index += 1) await store.sessions.create(newSession());
    expect((await eventually(read, ({ made }) => made === 20)).scans - scans).toBeLessThanOrEqual(1);
  });
});
