import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `create sequence mooring_fencing_tokens as bigint`,
  `create table mooring_leases (
    namespace text collate "C" not null,
    name text collate "C" not null,
    holder text not null,
    fencing_token bigint not null,
    expires_at bigint not null,
    constraint mooring_leases_pkey primary key (namespace, name)
  ) with (fillfactor = 85)`,
  `create table mooring_fences (
    namespace text collate "C" not null,
    lease text collate "C" not null,
    fencing_token bigint not null,
    constraint mooring_fences_pkey primary key (namespace, lease)
  )`,
];

const DOWN = [`drop table mooring_fences`, `drop table mooring_leases`, `drop sequence mooring_fencing_tokens`];

export class Leases1763700000002 implements MigrationInterface {
  readonly name = 'Leases1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
