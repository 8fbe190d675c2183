import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigint, text } from './columns.ts';

/** The times of the last units taken under one rule. */
@Entity({ name: 'mooring_limits', synchronize: false })
export class LimitEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('name'))
  name!: string;

  @PrimaryColumn({ name: 'max_units', type: 'integer' })
  maxUnits!: number;

  @PrimaryColumn(bigint('window_ms'))
  windowMs!: number;

  /** Oldest first. */
  @Column({ name: 'times', type: 'bigint', array: true })
  times!: string[];

  @Column(bigint('free_at'))
  freeAt!: number;

  @Column(bigint('sweep_hour'))
  sweepHour!: number;
}

/** What was answered to a named request, for its retries. */
@Entity({ name: 'mooring_limit_answers', synchronize: false })
export class LimitAnswerEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('name'))
  name!: string;

  @PrimaryColumn({ name: 'max_units', type: 'integer' })
  maxUnits!: number;

  @PrimaryColumn(bigint('window_ms'))
  windowMs!: number;

  @PrimaryColumn(text('id'))
  id!: string;

  @Column({ name: 'remaining', type: 'integer' })
  remaining!: number;

  @Column(bigint('reset_at'))
  resetAt!: number;

  @Column(bigint('keep_until'))
  keepUntil!: number;
}

/** Failed attempts of one address, account or both. */
@Entity({ name: 'mooring_attempts', synchronize: false })
export class AttemptsEntity {
  @PrimaryColumn(text('namespace'))
  namespace!: string;

  @PrimaryColumn(text('tenant_id'))
  tenantId!: string;

  @PrimaryColumn(text('scope'))
  scope!: string;

  @PrimaryColumn(text('value'))
  value!: string;

  @Column({ name: 'failures', type: 'bigint', array: true })
  failures!: string[];

  @Column({ name: 'failure_ids', type: 'text', array: true })
  failureIds!: string[];

  @Column({ name: 'locks', type: 'integer' })
  locks!: number;

  @Column(bigint('locked_until'))
  lockedUntil!: number;

  @Column(bigint('last_failure_at'))
  lastFailureAt!: number;

  @Column(bigint('keep_until'))
  keepUntil!: number;

  @Column(bigint('sweep_hour'))
  sweepHour!: number;
}
