import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOW = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

const UP = [
  `create unlogged table mooring_attempts (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    scope text collate "C" not null,
    value text collate "C" not null,
    failures bigint[] not null default '{}',
    failure_ids text[] not null default '{}',
    locks int not null default 0,
    locked_until bigint not null default 0,
    last_failure_at bigint not null default 0,
    keep_until bigint not null default 0,
    sweep_hour bigint not null default 0,
    constraint mooring_attempts_pkey primary key (namespace, tenant_id, scope, value)
  ) with (fillfactor = 70)`,
  `create index mooring_attempts_sweep on mooring_attempts (namespace, sweep_hour) where sweep_hour >= 0`,
  // All rows are locked in one order before the clock is read, so callers with several keys never wait in a circle.
  `create function mooring_attempts_fail(
    p_namespace text, p_clock bigint, p_tenant text, p_scopes text[], p_values text[], p_limits int[],
    p_windows bigint[], p_steps text[], p_resets bigint[], p_id text
  ) returns table ("position" int, failures int, locked_until bigint, ms bigint) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_key record;
    v_row mooring_attempts;
    v_now bigint;
    v_steps bigint[];
    v_from int;
  begin
    for v_key in
      select distinct k.scope, k.value from unnest(p_scopes, p_values) as k (scope, value) order by k.scope, k.value
    loop
      loop
        perform from mooring_attempts t
          where t.namespace = p_namespace and t.tenant_id = p_tenant and t.scope = v_key.scope and t.value = v_key.value
          for update;
        exit when found;
        insert into mooring_attempts (namespace, tenant_id, scope, value)
          values (p_namespace, p_tenant, v_key.scope, v_key.value) on conflict do nothing;
      end loop;
    end loop;
    v_now := ${NOW};
    for v_key in
      select k.* from unnest(p_scopes, p_values, p_limits, p_windows, p_steps, p_resets)
        with ordinality as k (scope, value, max_failures, window_ms, steps, reset_after, place)
    loop
      select * into strict v_row from mooring_attempts t
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.scope = v_key.scope and t.value = v_key.value;
      if v_now - greatest(v_row.last_failure_at, v_row.locked_until) >= v_key.reset_after then
        v_row.locks := 0;
      end if;
      select count(*) filter (where f <= v_now - v_key.window_ms) + 1 into v_from from unnest(v_row.failures) f;
      v_row.failures := v_row.failures[v_from:];
      v_row.failure_ids := v_row.failure_ids[v_from:];
      if v_row.locked_until <= v_now and not coalesce(p_id = any (v_row.failure_ids), false) then
        v_row.failures := (v_row.failures || v_now);
        v_row.failure_ids := array_append(v_row.failure_ids, p_id);
        v_from := greatest(cardinality(v_row.failures) - v_key.max_failures, 0) + 1;
        v_row.failures := v_row.failures[v_from:];
        v_row.failure_ids := v_row.failure_ids[v_from:];
        if cardinality(v_row.failures) >= v_key.max_failures then
          v_steps := v_key.steps::bigint[];
          v_row.locks := v_row.locks + 1;
          v_row.locked_until := v_now + v_steps[least(v_row.locks, cardinality(v_steps))];
        end if;
        v_row.last_failure_at := v_now;
        v_row.keep_until := greatest(
          v_now + v_key.window_ms,
          case when v_row.locks > 0 then greatest(v_now, v_row.locked_until) + v_key.reset_after end);
        update mooring_attempts t set
          failures = v_row.failures, failure_ids = v_row.failure_ids, locks = v_row.locks,
          locked_until = v_row.locked_until, last_failure_at = v_now, keep_until = v_row.keep_until,
          sweep_hour = v_row.keep_until / 3600000
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.scope = v_key.scope and t.value = v_key.value;
      end if;
      return query select v_key.place::int, cardinality(v_row.failures),
        case when v_row.locked_until > v_now then v_row.locked_until end, v_now;
    end loop;
  end $$`,
];

const DOWN = [`drop function mooring_attempts_fail`, `drop table mooring_attempts`];

export class Attempts1763700000005 implements MigrationInterface {
  readonly name = 'Attempts1763700000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
