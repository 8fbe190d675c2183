import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acquireFunction } from './1763700000003-pool.ts';

/** A session that is given out counts for as long as its taker may leave it open without a word. */
export class PoolCountsTakers1763700000009 implements MigrationInterface {
  readonly name = 'PoolCountsTakers1763700000009';

  async up(runner: QueryRunner): Promise<void> {
    const alsoSet = ', alive_until = greatest(t.alive_until, v_now + p_ttl + p_alive)';
    await runner.query(`create or replace ${acquireFunction(alsoSet)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`create or replace ${acquireFunction('')}`);
  }
}
