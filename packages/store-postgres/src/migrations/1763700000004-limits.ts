import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOW = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

/** Until the eighth migration. The k-th unit ever taken, from 0, is at place k % max_units + 1 of the ring. */
export const TAKE_FROM_RING = `create function mooring_limit_take(
    p_namespace text, p_clock bigint, p_tenant text, p_name text, p_max int, p_window bigint, p_cost int, p_id text,
    p_peek boolean
  ) returns table (allowed boolean, remaining int, retry_after_ms bigint, reset_at bigint) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_now bigint;
    v_taken bigint;
    v_ring bigint[];
    v_low bigint;
    v_high bigint;
    v_middle bigint;
    v_used int;
    v_newest bigint;
    v_wait bigint;
  begin
    if p_max = 0 then
      v_now := ${NOW};
      return query select false, 0, p_window, v_now;
      return;
    end if;
    if p_peek then
      select t.taken, t.ring into v_taken, v_ring from mooring_limits t
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.name = p_name and t.max_units = p_max
          and t.window_ms = p_window;
    else
      loop
        select t.taken, t.ring into v_taken, v_ring from mooring_limits t
          where t.namespace = p_namespace and t.tenant_id = p_tenant and t.name = p_name and t.max_units = p_max
            and t.window_ms = p_window
          for update;
        exit when found;
        insert into mooring_limits (namespace, tenant_id, name, max_units, window_ms)
          values (p_namespace, p_tenant, p_name, p_max, p_window) on conflict do nothing;
      end loop;
    end if;
    v_now := ${NOW};
    v_taken := coalesce(v_taken, 0);
    v_newest := v_ring[((v_taken - 1) % p_max)::int + 1];
    v_now := greatest(v_now, coalesce(v_newest, v_now));

    if p_id is not null then
      return query select true, a.remaining, 0::bigint, a.reset_at from mooring_limit_answers a
        where a.namespace = p_namespace and a.tenant_id = p_tenant and a.name = p_name and a.max_units = p_max
          and a.window_ms = p_window and a.id = p_id and a.keep_until > v_now;
      if found then
        return;
      end if;
    end if;

    v_low := greatest(v_taken - p_max, 0);
    v_high := v_taken;
    while v_low < v_high loop
      v_middle := (v_low + v_high) / 2;
      if v_ring[(v_middle % p_max)::int + 1] <= v_now - p_window then
        v_low := v_middle + 1;
      else
        v_high := v_middle;
      end if;
    end loop;
    v_used := v_taken - v_low;

    if v_used + p_cost > p_max then
      v_wait := v_ring[((v_low + v_used + p_cost - p_max - 1) % p_max)::int + 1] + p_window - v_now;
      return query select false, p_max - v_used, v_wait, v_newest + p_window;
      return;
    end if;
    if p_peek then
      return query select true, p_max - v_used, 0::bigint,
        case when v_used > 0 then v_newest + p_window else v_now end;
      return;
    end if;
    for v_unit in 0 .. p_cost - 1 loop
      v_ring[((v_taken + v_unit) % p_max)::int + 1] := v_now;
    end loop;
    update mooring_limits t
      set taken = v_taken + p_cost, ring = v_ring, free_at = v_now + p_window, sweep_hour = (v_now + p_window) / 3600000
      where t.namespace = p_namespace and t.tenant_id = p_tenant and t.name = p_name and t.max_units = p_max
        and t.window_ms = p_window;
    if p_id is not null then
      insert into mooring_limit_answers as a
        (namespace, tenant_id, name, max_units, window_ms, id, remaining, reset_at, keep_until)
        values (p_namespace, p_tenant, p_name, p_max, p_window, p_id, p_max - v_used - p_cost, v_now + p_window,
          v_now + p_window)
        on conflict (namespace, tenant_id, name, max_units, window_ms, id) do update
          set remaining = excluded.remaining, reset_at = excluded.reset_at, keep_until = excluded.keep_until;
    end if;
    return query select true, p_max - v_used - p_cost, 0::bigint, v_now + p_window;
  end $$`;

const UP = [
  `create unlogged table mooring_limits (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    name text collate "C" not null,
    max_units int not null,
    window_ms bigint not null,
    taken bigint not null default 0,
    ring bigint[] not null default '{}',
    free_at bigint not null default 0,
    sweep_hour bigint not null default 0,
    constraint mooring_limits_pkey primary key (namespace, tenant_id, name, max_units, window_ms)
  ) with (fillfactor = 70)`,
  `create index mooring_limits_sweep on mooring_limits (namespace, sweep_hour) where sweep_hour >= 0`,
  `create unlogged table mooring_limit_answers (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    name text collate "C" not null,
    max_units int not null,
    window_ms bigint not null,
    id text collate "C" not null,
    remaining int not null,
    reset_at bigint not null,
    keep_until bigint not null,
    constraint mooring_limit_answers_pkey primary key (namespace, tenant_id, name, max_units, window_ms, id)
  )`,
  `create index mooring_limit_answers_keep on mooring_limit_answers (namespace, keep_until)
    where keep_until >= 0`,
  TAKE_FROM_RING,
];

const DOWN = [`drop function mooring_limit_take`, `drop table mooring_limit_answers`, `drop table mooring_limits`];

export class Limits1763700000004 implements MigrationInterface {
  readonly name = 'Limits1763700000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
