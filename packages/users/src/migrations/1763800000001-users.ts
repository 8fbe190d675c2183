import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Migrations are frozen, so they repeat what later code may change. */
const UP = [
  `create table mooring_users (
    id text collate "C" not null,
    username text not null,
    username_key text collate "C" not null,
    tenant_id text collate "C" not null,
    role text collate "C" not null,
    password_hash text not null,
    disabled boolean not null default false,
    version integer not null default 1,
    ending_tenant_id text collate "C",
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    constraint mooring_users_pkey primary key (id),
    constraint mooring_users_username unique (username_key),
    constraint mooring_users_role check (role in ('user', 'service', 'dba', 'system'))
  )`,
  `create index mooring_users_tenant on mooring_users (tenant_id, username_key)`,
  `create index mooring_users_system on mooring_users (id) where role = 'system'`,
  `create index mooring_users_ending on mooring_users (changed_at) where ending_tenant_id is not null`,
];

export class Users1763800000001 implements MigrationInterface {
  readonly name = 'Users1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mooring_users');
  }
}
