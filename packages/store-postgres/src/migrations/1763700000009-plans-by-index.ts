import type { MigrationInterface, QueryRunner } from 'typeorm';

const everyFunction = (action: string): string => `do $$
  declare
    f regprocedure;
  begin
    for f in
      select p.oid from pg_proc p
      join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
      where p.pronamespace = current_schema()::regnamespace and p.proname like 'mooring\\_%'
    loop
      execute format('alter function %s ${action}', f);
    end loop;
  end
$$`;

/**
 * A connection keeps the plan of a statement in a function. One that was made while a table was tiny reads the whole of
 * it, and goes on doing so while the table grows, until the server has counted it anew.
 */
export class PlansByIndex1763700000009 implements MigrationInterface {
  readonly name = 'PlansByIndex1763700000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(everyFunction('set enable_seqscan = off'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(everyFunction('reset enable_seqscan'));
  }
}
