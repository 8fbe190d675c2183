import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOW = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

const UP = [
  `create table mooring_budgets (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    name text collate "C" not null,
    settled bigint not null default 0,
    ends_at bigint not null,
    constraint mooring_budgets_pkey primary key (namespace, tenant_id, name)
  ) with (fillfactor = 70)`,
  `create index mooring_budgets_ends on mooring_budgets (namespace, ends_at) where ends_at >= 0`,
  `create table mooring_reservations (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    reservation_id text collate "C" not null,
    scopes text[] not null,
    amount bigint not null,
    expires_at bigint not null,
    keep_until bigint not null,
    state text not null,
    usage json not null,
    constraint mooring_reservations_pkey primary key (namespace, tenant_id, reservation_id)
  ) with (fillfactor = 85)`,
  `create index mooring_reservations_keep on mooring_reservations (namespace, keep_until)
    where keep_until >= 0`,
  `create table mooring_budget_holds (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    name text collate "C" not null,
    reservation_id text collate "C" not null,
    amount bigint not null,
    expires_at bigint not null,
    constraint mooring_budget_holds_pkey primary key (namespace, tenant_id, name, reservation_id)
  )`,
  `create function mooring_budget_usage(p_namespace text, p_now bigint, p_tenant text, p_names text[])
  returns json language sql stable as $$
    select coalesce(json_agg(json_build_object(
      'name', k.name,
      'settled', coalesce(b.settled, 0),
      'reserved', (
        select coalesce(sum(h.amount), 0) from mooring_budget_holds h
        where h.namespace = p_namespace and h.tenant_id = p_tenant and h.name = k.name and h.expires_at > p_now
      )
    ) order by k.place), '[]'::json)
    from unnest(p_names) with ordinality as k (name, place)
    left join mooring_budgets b on b.namespace = p_namespace and b.tenant_id = p_tenant and b.name = k.name
  $$`,
  // Scopes are locked in the order of their names, so reservations over several of them never wait in a circle.
  `create function mooring_budget_reserve(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_names text[], p_limits bigint[], p_ends bigint[],
    p_amount bigint, p_ttl bigint
  ) returns table (outcome text, expires_at bigint, usage json) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_name text;
    v_now bigint;
  begin
    for v_name in select n from unnest(p_names) n order by n collate "C" loop
      loop
        perform from mooring_budgets b
          where b.namespace = p_namespace and b.tenant_id = p_tenant and b.name = v_name for update;
        exit when found;
        insert into mooring_budgets (namespace, tenant_id, name, ends_at)
          select p_namespace, p_tenant, v_name, k.ends_at
          from unnest(p_names, p_ends) as k (name, ends_at) where k.name = v_name
          on conflict do nothing;
      end loop;
    end loop;
    v_now := ${NOW};
    return query select 'reserved', r.expires_at, r.usage from mooring_reservations r
      where r.namespace = p_namespace and r.tenant_id = p_tenant and r.reservation_id = p_id;
    if found then
      return;
    end if;
    delete from mooring_budget_holds h
      where h.namespace = p_namespace and h.tenant_id = p_tenant and h.name = any (p_names) and h.expires_at <= v_now;
    if exists (
      select from unnest(p_names, p_limits) as k (name, max_amount)
      join mooring_budgets b on b.namespace = p_namespace and b.tenant_id = p_tenant and b.name = k.name
      where b.settled + p_amount + (
        select coalesce(sum(h.amount), 0) from mooring_budget_holds h
        where h.namespace = p_namespace and h.tenant_id = p_tenant and h.name = k.name
      ) > k.max_amount
    ) then
      return query select 'exceeded', null::bigint, null::json;
      return;
    end if;
    insert into mooring_budget_holds (namespace, tenant_id, name, reservation_id, amount, expires_at)
      select p_namespace, p_tenant, n, p_id, p_amount, v_now + p_ttl from unnest(p_names) n;
    update mooring_budgets b set ends_at = k.ends_at
      from unnest(p_names, p_ends) as k (name, ends_at)
      where b.namespace = p_namespace and b.tenant_id = p_tenant and b.name = k.name and b.ends_at < k.ends_at;
    begin
      return query insert into mooring_reservations as r (
          namespace, tenant_id, reservation_id, scopes, amount, expires_at, keep_until, state, usage
        ) select p_namespace, p_tenant, p_id, p_names, p_amount, v_now + p_ttl, greatest(v_now + p_ttl, max(e)),
            'reserved', mooring_budget_usage(p_namespace, v_now, p_tenant, p_names)
          from unnest(p_ends) e
        returning 'reserved', r.expires_at, r.usage;
    exception when unique_violation then
      raise exception using errcode = '40001', message = 'reserved meanwhile';
    end;
  end $$`,
  `create function mooring_budget_finish(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_state text, p_actual bigint
  ) returns table (usage json) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_now bigint;
    v_found mooring_reservations;
    v_usage json;
  begin
    select * into v_found from mooring_reservations r
      where r.namespace = p_namespace and r.tenant_id = p_tenant and r.reservation_id = p_id for update;
    if not found then
      return;
    end if;
    if v_found.state <> 'reserved' then
      return query select v_found.usage;
      return;
    end if;
    perform from mooring_budgets b
      where b.namespace = p_namespace and b.tenant_id = p_tenant and b.name = any (v_found.scopes)
      order by b.name for update;
    v_now := ${NOW};
    delete from mooring_budget_holds h
      where h.namespace = p_namespace and h.tenant_id = p_tenant and h.name = any (v_found.scopes)
        and h.reservation_id = p_id;
    insert into mooring_budgets as b (namespace, tenant_id, name, settled, ends_at)
      select p_namespace, p_tenant, n, p_actual, v_found.keep_until
      from unnest(v_found.scopes) n where p_actual > 0 order by n collate "C"
      on conflict (namespace, tenant_id, name) do update set settled = b.settled + excluded.settled;
    v_usage := mooring_budget_usage(p_namespace, v_now, p_tenant, v_found.scopes);
    update mooring_reservations r set state = p_state, usage = v_usage
      where r.namespace = p_namespace and r.tenant_id = p_tenant and r.reservation_id = p_id;
    return query select v_usage;
  end $$`,
];

const DOWN = [
  `drop function mooring_budget_finish`,
  `drop function mooring_budget_reserve`,
  `drop function mooring_budget_usage`,
  `drop table mooring_budget_holds`,
  `drop table mooring_reservations`,
  `drop table mooring_budgets`,
];

export class Budgets1763700000006 implements MigrationInterface {
  readonly name = 'Budgets1763700000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
