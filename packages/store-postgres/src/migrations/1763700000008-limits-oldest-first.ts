import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TAKE_FROM_RING } from './1763700000004-limits.ts';

const CLOCK = `coalesce(p_clock, floor(date_part('epoch', clock_timestamp()) * 1000)::bigint)`;

const THIS = `t.namespace = p_namespace and t.tenant_id = p_tenant and t.name = p_name and t.max_units = p_max
  and t.window_ms = p_window`;

/** Never before the newest unit: times only grow, also where a clock was set back. */
const NOW = `greatest(v_clock, t.times[cardinality(t.times)])`;

/** How many of the oldest units have left the window. */
const LEFT = `width_bucket(${NOW} - p_window, t.times)`;

const TAKE = `create function mooring_limit_take(
    p_namespace text, p_clock bigint, p_tenant text, p_name text, p_max int, p_window bigint, p_cost int, p_id text
  ) returns text language plpgsql as $$
  declare
    v_clock bigint;
    v_answer text;
    r record;
  begin
    if p_id is not null then
      perform pg_advisory_xact_lock(hashtextextended('mooring:limits' || chr(31) || p_namespace || chr(31) || p_tenant
        || chr(31) || p_name || chr(31) || p_max || chr(31) || p_window || chr(31) || p_id, 0));
    end if;
    v_clock := ${CLOCK};
    if p_max = 0 then
      return json_build_array(false, 0, p_window, v_clock)::text;
    end if;
    if p_id is not null then
      select json_build_array(true, a.remaining, 0, a.reset_at)::text into v_answer from mooring_limit_answers a
      where a.namespace = p_namespace and a.tenant_id = p_tenant and a.name = p_name and a.max_units = p_max
        and a.window_ms = p_window and a.id = p_id and a.keep_until > v_clock;
      if found then
        return v_answer;
      end if;
    end if;
    loop
      insert into mooring_limits as t (namespace, tenant_id, name, max_units, window_ms, times, free_at, sweep_hour)
      values (p_namespace, p_tenant, p_name, p_max, p_window, array_fill(v_clock, array[p_cost]), v_clock + p_window,
        (v_clock + p_window) / 3600000)
      on conflict (namespace, tenant_id, name, max_units, window_ms) do update set
        times = t.times[${LEFT} + 1 :] || array_fill(${NOW}, array[p_cost]),
        free_at = ${NOW} + p_window,
        sweep_hour = (${NOW} + p_window) / 3600000
      where cardinality(t.times) - ${LEFT} + p_cost <= p_max
      returning p_max - cardinality(t.times) as remaining, t.free_at into r;
      exit when found;
      select t.times, ${LEFT} as gone, cardinality(t.times) - ${LEFT} as used into r from mooring_limits t where ${THIS};
      if found and r.used + p_cost > p_max then
        -- By the clock as it is: after it was set back, who waits for less is refused again.
        return json_build_array(false, p_max - r.used,
          r.times[r.gone + r.used + p_cost - p_max] + p_window - v_clock,
          r.times[r.gone + r.used] + p_window)::text;
      end if;
    end loop;
    if p_id is not null then
      insert into mooring_limit_answers as a
        (namespace, tenant_id, name, max_units, window_ms, id, remaining, reset_at, keep_until)
        values (p_namespace, p_tenant, p_name, p_max, p_window, p_id, r.remaining, r.free_at, r.free_at)
        on conflict (namespace, tenant_id, name, max_units, window_ms, id) do update
          set remaining = excluded.remaining, reset_at = excluded.reset_at, keep_until = excluded.keep_until;
    end if;
    return json_build_array(true, r.remaining, 0, r.free_at)::text;
  end $$`;

const UP = [
  `drop function mooring_limit_take`,
  `alter table mooring_limits rename column ring to times`,
  `update mooring_limits
    set times = times[(taken % max_units)::int + 1 :] || times[1 : (taken % max_units)::int]
    where taken > max_units`,
  `alter table mooring_limits drop column taken`,
  TAKE,
];

const DOWN = [
  `drop function mooring_limit_take`,
  `alter table mooring_limits rename column times to ring`,
  `alter table mooring_limits add column taken bigint not null default 0`,
  `update mooring_limits set taken = cardinality(ring)`,
  TAKE_FROM_RING,
];

/** The times of a limit's units, oldest first: one upsert takes a unit, and the server's own search finds the window. */
export class LimitsOldestFirst1763700000008 implements MigrationInterface {
  readonly name = 'LimitsOldestFirst1763700000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
